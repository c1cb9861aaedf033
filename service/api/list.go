package api

import (
	"net/http"
	"strings"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
)

// ListAssetList lists assets in short, by filter.
func (s *Server) ListAssetList(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID, params companions.ListAssetListParams) {
	err := s.authorize(r, projectID, config.ActionShow)
	query, violations := listQuery(projectID, params)
	if err == nil && len(violations) > 0 {
		err = illegal(violations)
	}
	var found []asset.Asset
	var total int
	if err == nil {
		found, total, err = s.assets.List(r.Context(), query)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	list := companions.AssetSummaries{Total: int32(total), Assets: []companions.AssetSummary{}}
	for _, a := range found {
		list.Assets = append(list.Assets, s.summary(a))
	}
	respond(w, http.StatusOK, list)
}

// listQuery turns the parameters into the database's query.
func listQuery(projectID string, p companions.ListAssetListParams) (asset.Query, contract.Violations) {
	violations := contract.Check(&p)
	q, more := queryOf(projectID, companions.ShowAssetMetaParams{StartTime: p.StartTime, EndTime: p.EndTime, CategoryID: p.CategoryID,
		Tags: p.Tags, QueryString: p.QueryString, Page: p.Page, Size: p.Size})
	if len(violations) == 0 {
		violations = more
	}
	q.IDs, q.VideoTypes, q.AnyStatus = p.AssetID, p.MediaType, true
	if p.Order != nil && *p.Order == companions.OrderOldest {
		q.Order = asset.OrderOldest
	}
	for _, status := range p.Status {
		if state, ok := listedStates[status]; ok {
			q.States = append(q.States, state)
		}
		q.Transcode = append(q.Transcode, transcodeStates[companions.TranscodeStatus(status)]...)
	}
	return q, violations
}

// listedStates are the states behind the list's words for them.
var listedStates = map[companions.ListedStatus]asset.State{
	companions.ListedStatusCreating: asset.Creating, companions.ListedStatusFailed: asset.CreateFailed,
	companions.ListedStatusCreated: asset.Created, companions.ListedStatusPublished: asset.Published,
}

// summaryStates are the list's words for the states.
var summaryStates = map[asset.State]companions.SummaryStatus{
	asset.Creating: companions.SummaryStatusCreating, asset.CreateFailed: companions.SummaryStatusFailed,
	asset.Created: companions.SummaryStatusCreated, asset.Published: companions.SummaryStatusPublished,
}

// summary is an asset as asset/list shows it.
func (s *Server) summary(a asset.Asset) companions.AssetSummary {
	base, review := s.baseInfo(a), s.reviewInfo(a)
	short := companions.AssetSummary{
		AssetID: a.ID, Title: a.Title, Description: base.Description, OriginalURL: base.VideoURL, Category: base.CategoryName,
		Covers: base.CoverInfoArray, CreateTime: base.CreateTime, AssetStatus: summaryStates[a.State], MediaType: base.VideoType,
		TranscodeStatus: s.transcodeInfo(a).TranscodeStatus, ThumbnailStatus: s.thumbnailInfo(a).ThumbnailStatus,
		ReviewStatus: &review.ReviewStatus, ExecDesc: remark(strings.TrimSpace(a.ErrorCode + " " + a.Reason)),
	}
	if a.Media != nil {
		short.Size = a.Media.Size
	}
	if a.Results.Probe != nil {
		short.Duration, short.DurationMs = int32(a.Results.Probe.Seconds()), positive(a.Results.Probe.Duration.Milliseconds())
	}
	return short
}
