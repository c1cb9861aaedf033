package api

import (
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

// assetInfo is an asset as asset/info shows it.
func (s *Server) assetInfo(a asset.Asset) companions.AssetInfo {
	base := s.baseInfo(a)
	info := companions.AssetInfo{AssetID: a.ID, Status: companions.AssetStatus(a.State), BaseInfo: &base}
	if a.Reason != "" {
		info.Description = new(a.ErrorCode + " " + a.Reason)
	}
	if a.State == asset.Published {
		info.PlayInfoArray = []companions.PlayInfo{{
			PlayType:  new(strings.ToLower(a.VideoType)),
			URL:       base.VideoURL,
			Encrypted: new(companions.EncryptedNo),
			MetaData:  base.MetaData,
		}}
	}
	return info
}

func (s *Server) baseInfo(a asset.Asset) companions.BaseInfo {
	base := companions.BaseInfo{
		Title:        &a.Title,
		VideoName:    new(path.Base(a.Source.Key)),
		Description:  &a.Description,
		CategoryID:   &a.CategoryID,
		CategoryName: &a.CategoryName,
		CreateTime:   new(a.CreatedAt.UTC().Format(apiTime)),
		LastModified: new(a.UpdatedAt.UTC().Format(apiTime)),
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
	}
	if a.State == asset.Published {
		base.VideoURL = new(s.MediaURL(a))
	}
	return base
}

func processing(stages []asset.Stage) []companions.ProcessingStep {
	steps := make([]companions.ProcessingStep, len(stages))
	for i, st := range stages {
		steps[i] = companions.ProcessingStep{
			Name: st.Name, State: companions.StepState(st.State), Started: moment(st.StartedAt), Ended: moment(st.EndedAt),
		}
		if st.Error != "" {
			steps[i].Error = &st.Error
		}
		if st.Total > 0 {
			steps[i].Bytes, steps[i].Total = &st.Bytes, &st.Total
		}
	}
	return steps
}

func moment(t time.Time) *companions.Time {
	if t.IsZero() {
		return nil
	}
	return new(t.UTC().Format(apiTime))
}

// assetDetails is an asset as asset/details shows it; no category means all of them.
func (s *Server) assetDetails(a asset.Asset, categories []companions.DetailCategory) companions.AssetDetails {
	wants := func(c companions.DetailCategory) bool { return len(categories) == 0 || slices.Contains(categories, c) }
	details := companions.AssetDetails{AssetID: a.ID}
	if wants(companions.DetailCategoryBaseInfo) {
		details.BaseInfo = new(s.baseInfo(a))
	}
	// The accepted body was valid, so it decodes again.
	request, _ := contract.Decode(a.Request)
	if wants(companions.DetailCategoryTranscodeInfo) {
		details.TranscodeInfo = &companions.TranscodeInfo{
			TemplateGroupName: deref(request.TemplateGroupName),
			Output:            []companions.TranscodeOutput{},
			ExecDesc:          leftOut(a, stageTranscode, stageEncrypt),
			TranscodeStatus:   new(companions.TranscodeStatusNone),
		}
	}
	if wants(companions.DetailCategoryThumbnailInfo) {
		details.ThumbnailInfo = &companions.ThumbnailInfo{
			ExecDesc: leftOut(a, stageThumbnail), ThumbnailStatus: new(companions.ThumbnailStatusNone),
		}
	}
	if wants(companions.DetailCategoryReviewInfo) {
		details.ReviewInfo = &companions.ReviewInfo{
			ExecDesc: leftOut(a, stageReview), ReviewStatus: companions.ReviewStatusNone,
		}
	}
	return details
}

// leftOut says which of the named stages were asked for and not done; nil when none was.
func leftOut(a asset.Asset, names ...string) *string {
	var said []string
	for _, st := range a.Stages {
		if st.State == asset.StageNotDone && slices.Contains(names, st.Name) {
			said = append(said, st.Name+": "+st.Error)
		}
	}
	if len(said) == 0 {
		return nil
	}
	return new(strings.Join(said, "; "))
}
