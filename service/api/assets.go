package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
)

// ShowAssetMeta lists assets by ID or by filter. An ID that does not exist is reported as NO_ASSET, one that was deleted
// as DELETED.
func (s *Server) ShowAssetMeta(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID, params companions.ShowAssetMetaParams) {
	page, err := s.find(r, projectID, params)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if found := page.AssetInfoArray; len(found) == 1 && found[0].BaseInfo != nil && s.assetPage != nil {
		w.Header().Set("Link", "<"+s.publicURL+s.assetPage(found[0].AssetID)+`>; rel="alternate"; type="text/html"`)
	}
	respond(w, http.StatusOK, page)
}

func (s *Server) find(r *http.Request, projectID string, params companions.ShowAssetMetaParams) (companions.AssetInfoPage, error) {
	page := companions.AssetInfoPage{AssetInfoArray: []companions.AssetInfo{}}
	if err := s.authorize(r, projectID, config.ActionShow); err != nil {
		return page, err
	}
	query, violations := queryOf(projectID, params)
	if len(violations) > 0 {
		return page, illegal(violations)
	}
	found, total, err := s.assets.List(r.Context(), query)
	if err != nil {
		return page, err
	}
	seen := map[string]bool{}
	for _, a := range found {
		seen[a.ID] = true
		page.AssetInfoArray = append(page.AssetInfoArray, s.assetInfo(a))
	}
	if onlyIDs(params) {
		gone, err := s.assets.Deleted(r.Context(), projectID, params.AssetID)
		if err != nil {
			return page, err
		}
		for _, id := range params.AssetID {
			if seen[id] {
				continue
			}
			seen[id] = true
			switch {
			case gone[id]:
				page.AssetInfoArray = append(page.AssetInfoArray, companions.AssetInfo{AssetID: id, Status: companions.AssetStatusDeleted})
			default:
				info := unknownAsset(id)
				switch a, err := s.assetOrUpload(r.Context(), projectID, id); {
				case err == nil:
					info = s.assetInfo(a)
				case !errors.Is(err, asset.ErrNotFound):
					return page, err
				}
				page.AssetInfoArray = append(page.AssetInfoArray, info)
			}
			total++
		}
	}
	page.Total = int32(total)
	if query.Page < (total-1)/query.Size {
		page.IsTruncated = companions.TruncatedYes
	}
	return page, nil
}

// onlyIDs reports that no filter is given beside the IDs: then an asset that is missing does not exist.
func onlyIDs(p companions.ShowAssetMetaParams) bool {
	return p.Status == nil && p.AssetStatus == nil && p.TranscodeStatus == nil && p.CategoryID == nil && p.Tags == nil &&
		p.QueryString == nil
}

// queryOf turns the parameters into the database's query.
func queryOf(projectID string, p companions.ShowAssetMetaParams) (asset.Query, contract.Violations) {
	violations := contract.Check(&p)
	parse := func(field string, value *companions.Time) time.Time {
		if value == nil || len(violations) > 0 {
			return time.Time{}
		}
		t, err := time.Parse(contract.TimeLayout, *value)
		if err != nil {
			violations = append(violations, contract.Violation{Field: field, Rule: "format", Message: "is not a time that exists"})
		}
		return t
	}
	q := asset.Query{
		ProjectID: projectID,
		IDs:       p.AssetID,
		Text:      deref(p.QueryString),
		From:      parse("start_time", p.StartTime),
		To:        parse("end_time", p.EndTime),
		Size:      asset.DefaultPageSize,
	}
	if !q.To.IsZero() {
		q.To = q.To.Add(time.Second - time.Millisecond) // all of that second: assets are created at a millisecond
	}
	if tags := deref(p.Tags); tags != "" {
		q.Tags = strings.Split(tags, ",")
	}
	for _, status := range p.Status {
		q.States = append(q.States, asset.State(status))
	}
	for _, status := range p.AssetStatus {
		q.States = append(q.States, asset.State(status))
	}
	for _, status := range p.TranscodeStatus {
		q.Transcode = append(q.Transcode, transcodeStates[status]...)
	}
	if p.CategoryID != nil {
		q.CategoryID = int64(*p.CategoryID)
	}
	if p.Page != nil {
		q.Page = int(*p.Page)
	}
	if p.Size != nil {
		q.Size = int(*p.Size)
	}
	if len(p.AssetID) > 0 { // exactly these assets, whenever they were made
		q.From, q.To, q.Page, q.Size = time.Time{}, time.Time{}, 0, len(p.AssetID)
	}
	return q, violations
}

// transcodeStates are the states of the stage behind the cloud's words.
var transcodeStates = map[companions.TranscodeStatus][]asset.StageState{
	companions.TranscodeStatusNone:      {"", asset.StageNotDone},
	companions.TranscodeStatusWaiting:   {asset.StageWaiting},
	companions.TranscodeStatusRunning:   {asset.StageRunning},
	companions.TranscodeStatusSucceeded: {asset.StageDone},
	companions.TranscodeStatusFailed:    {asset.StageFailed},
}

// unknownAsset is the entry for an ID that the project does not have.
func unknownAsset(id string) companions.AssetInfo {
	return companions.AssetInfo{AssetID: id, Status: companions.AssetStatusNoAsset, Description: new("no asset")}
}

// ShowAssetDetail shows everything about one asset, or the parts that categories names.
func (s *Server) ShowAssetDetail(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID, params companions.ShowAssetDetailParams) {
	err := s.authorize(r, projectID, config.ActionShow)
	if violations := contract.Check(&params); err == nil && len(violations) > 0 {
		err = illegal(violations)
	}
	var a asset.Asset
	if err == nil {
		a, err = s.assetOrUpload(r.Context(), projectID, params.AssetID)
	}
	if err != nil {
		s.fail(w, r, assetProblem(err))
		return
	}
	respond(w, http.StatusOK, s.assetDetails(a, params.Categories))
}

// assetOrUpload returns an asset, also one that waits for its file.
func (s *Server) assetOrUpload(ctx context.Context, projectID, id string) (asset.Asset, error) {
	a, err := s.assets.Get(ctx, projectID, id)
	if !errors.Is(err, asset.ErrNotFound) {
		return a, err
	}
	u, err := s.assets.Upload(ctx, projectID, id)
	if errors.Is(err, asset.ErrNotFound) {
		return s.assets.Get(ctx, projectID, id) // it may have been confirmed in between
	}
	return u.Asset(), err
}
