package api

import (
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
)

func (s *Server) reviewInfo(a asset.Asset) *companions.ReviewInfo {
	info := &companions.ReviewInfo{ReviewStatus: companions.ReviewStatusNone}
	if a.Plan.Review == nil {
		return info
	}
	st, _ := a.Stage(asset.StageReview)
	info.ReviewStatus = byState(st.State, companions.ReviewStatusNone, companions.ReviewStatusRunning,
		companions.ReviewStatusPassed, companions.ReviewStatusFailed, companions.ReviewStatusNone)
	info.ExecDesc = remark(st.Error)
	verdict := a.Results.Review
	if verdict == nil {
		return info
	}
	info.Suggestion = new(companions.Suggestion(verdict.Suggestion))
	switch verdict.Suggestion {
	case asset.Reject:
		info.ReviewStatus = companions.ReviewStatusBlocked
	case asset.Doubt:
		info.ReviewStatus = companions.ReviewStatusSuspicious
	case asset.Pass:
	}
	info.Text = &companions.TextReview{Suggestion: companions.Suggestion(verdict.Text.Suggestion),
		Politics: remark(verdict.Text.Politics), Porn: remark(verdict.Text.Porn), Abuse: remark(verdict.Text.Abuse)}
	for _, p := range verdict.Pictures {
		review := companions.PictureReview{
			Suggestion: new(companions.Suggestion(p.Suggestion)), URL: s.FileURL(a, p.File),
			Politics: labels(p.Politics), Terrorism: labels(p.Terrorism), Porn: labels(p.Porn),
		}
		if p.Cover {
			info.Cover = append(info.Cover, review)
			continue
		}
		review.Offset = new(int32(p.Offset.Seconds()))
		info.Video = append(info.Video, review)
	}
	return info
}

func labels(list []asset.Label) (out []companions.ReviewLabel) {
	for _, l := range list {
		out = append(out, companions.ReviewLabel{Label: remark(l.Label), Confidence: l.ConfidenceText()})
	}
	return out
}
