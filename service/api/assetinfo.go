package api

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
)

func assetProblem(err error) error {
	if errors.Is(err, asset.ErrNotFound) {
		return refuse(contract.CodeNoSuchAsset, "")
	}
	return err
}

// whereUploads refuses an operation on an asset that is an upload still, for which the database found no asset: err says so,
// or is another error.
func (s *Server) whereUploads(ctx context.Context, project, id string, err error) error {
	if !errors.Is(err, asset.ErrNotFound) {
		return err
	}
	u, looked := s.assets.Upload(ctx, project, id)
	if looked != nil {
		return assetProblem(looked)
	}
	return refuse(contract.CodeWrongState, "%s", uploadWords(u.State))
}

// uploadWords say why an upload is no asset to work with, and what would make one.
func uploadWords(state asset.State) string {
	switch state {
	case asset.UploadFailed:
		return "the upload of the asset failed, or was not confirmed in time; create the asset again"
	case asset.UploadCancelled:
		return "the upload of the asset was cancelled; create the asset again"
	}
	return "the asset waits for its file; upload it, and confirm the upload"
}

// assetInfo is an asset as asset/info shows it.
func (s *Server) assetInfo(a asset.Asset) companions.AssetInfo {
	base := s.baseInfo(a)
	info := companions.AssetInfo{AssetID: a.ID, Status: companions.AssetStatus(a.State), BaseInfo: &base}
	if a.Reason != "" {
		info.Description = new(a.ErrorCode + " " + a.Reason)
	}
	if st, _ := a.Stage(asset.StagePublish); a.State == asset.Created && a.Plan.Review != nil && st.State == asset.StageNotDone {
		info.Description = new("not published: " + st.Error)
	}
	if a.State == asset.Published {
		info.PlayInfoArray = s.playInfo(a, base)
	}
	return info
}

// playInfo lists what can be played: the outputs, or else the media as it is.
func (s *Server) playInfo(a asset.Asset, base companions.BaseInfo) []companions.PlayInfo {
	if a.Results.Transcode == nil {
		return []companions.PlayInfo{{
			PlayType:  new(strings.ToLower(a.VideoType)),
			URL:       base.VideoURL,
			Encrypted: new(companions.EncryptedNo),
			MetaData:  base.MetaData,
		}}
	}
	plan := a.Plan.Transcode
	var list []companions.PlayInfo
	for _, o := range a.Results.Transcode.Outputs {
		list = append(list, companions.PlayInfo{
			PlayType: new(strings.ToLower(plan.Format)), GroupName: &plan.Group, URL: new(s.FileURL(a, o.File)),
			Encrypted: encrypted(plan.Encrypt), MetaData: new(outputData(o, plan.Format)),
		})
	}
	return list
}

func (s *Server) baseInfo(a asset.Asset) companions.BaseInfo {
	base := companions.BaseInfo{
		Title:        &a.Title,
		VideoName:    new(path.Base(a.Source.Key)),
		Description:  &a.Description,
		CategoryID:   &a.CategoryID,
		CategoryName: &a.CategoryName,
		CreateTime:   new(a.CreatedAt.UTC().Format(contract.TimeLayout)),
		LastModified: new(a.UpdatedAt.UTC().Format(contract.TimeLayout)),
		VideoType:    &a.VideoType,
		Tags:         &a.Tags,
		SourcePath:   &companions.ObjectAddress{Bucket: a.Source.Bucket, Location: a.Source.Region, Object: a.Source.Key},
		Processing:   processing(a.Stages),
	}
	if a.StorageMode == 1 {
		base.OutputPath = &companions.ObjectAddress{Bucket: a.OutputBucket, Location: a.Source.Region, Object: a.OutputPath}
	}
	if a.Media != nil {
		base.MetaData = &companions.MetaData{PackType: &a.VideoType, VideoSize: &a.Media.Size}
		if a.Results.Probe != nil {
			base.MetaData = new(metaData(*a.Results.Probe))
		}
	}
	if a.State == asset.Published {
		if a.ServesMedia() {
			base.VideoURL = new(s.MediaURL(a))
		}
		base.CoverInfoArray, base.SubtitleInfo = s.covers(a), s.subtitles(a)
	}
	return base
}

func processing(stages []asset.Stage) []companions.ProcessingStep {
	steps := make([]companions.ProcessingStep, len(stages))
	for i, st := range stages {
		steps[i] = companions.ProcessingStep{
			Name: st.Name, State: companions.StepState(st.State), Started: timestamp(st.StartedAt), Ended: timestamp(st.EndedAt),
		}
		if st.Error != "" {
			steps[i].Error = &st.Error
		}
		if st.Total > 0 {
			steps[i].Bytes, steps[i].Total = &st.Bytes, &st.Total
		}
		if st.State == asset.StageRunning || st.State == asset.StageDone {
			steps[i].Progress = new(int32(st.Percent))
		}
	}
	return steps
}

func timestamp(t time.Time) *companions.Time {
	if t.IsZero() {
		return nil
	}
	return new(t.UTC().Format(contract.TimeLayout))
}

// assetDetails is an asset as asset/details shows it; no category means all of them.
func (s *Server) assetDetails(a asset.Asset, categories []companions.DetailCategory) companions.AssetDetails {
	wants := func(c companions.DetailCategory) bool { return len(categories) == 0 || slices.Contains(categories, c) }
	details := companions.AssetDetails{AssetID: a.ID}
	if wants(companions.DetailCategoryBaseInfo) {
		details.BaseInfo = new(s.baseInfo(a))
	}
	if wants(companions.DetailCategoryTranscodeInfo) {
		details.TranscodeInfo = s.transcodeInfo(a)
	}
	if wants(companions.DetailCategoryThumbnailInfo) {
		details.ThumbnailInfo = s.thumbnailInfo(a)
	}
	if wants(companions.DetailCategoryReviewInfo) {
		details.ReviewInfo = s.reviewInfo(a)
	}
	return details
}
