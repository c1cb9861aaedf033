package api

import (
	"net/http"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
)

// ListTemplateGroup lists the template groups of the configuration.
func (s *Server) ListTemplateGroup(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID, params companions.ListTemplateGroupParams) {
	err := s.authorize(r, projectID, config.ActionListTemplates)
	if violations := contract.Check(&params); err == nil && len(violations) > 0 {
		err = illegal(violations)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	respond(w, http.StatusOK, templateGroups(s.service.TemplateGroups, params))
}

func templateGroups(all []config.TemplateGroup, params companions.ListTemplateGroupParams) companions.TemplateGroups {
	list := companions.TemplateGroups{TemplateGroupList: []companions.TemplateGroup{}}
	page, size := int64(0), int64(asset.DefaultPageSize)
	if params.Page != nil {
		page = int64(*params.Page)
	}
	if params.Size != nil {
		size = int64(*params.Size)
	}
	if params.GroupID != nil {
		page, size = 0, 1
	}
	for _, g := range all {
		if params.GroupID != nil && *params.GroupID != g.Name || params.Status != nil && *params.Status != companions.TemplateStatusOther {
			continue
		}
		if at := int64(list.Total); at >= page*size && at < (page+1)*size {
			list.TemplateGroupList = append(list.TemplateGroupList, templateGroup(g))
		}
		list.Total++
	}
	return list
}

func templateGroup(g config.TemplateGroup) companions.TemplateGroup {
	group := companions.TemplateGroup{
		GroupID: g.Name, Name: g.Name, Status: companions.TemplateStatusOther, Type: companions.TemplateGroupTypeCustom,
		AutoEncrypt: companions.TemplateEncryptionByRequest,
		Common: &companions.TemplateCommon{
			PVC: companions.TemplatePVCOff, VideoCodec: new(companions.TemplateVideoCodecH264),
			AudioCodec: new(companions.TemplateAudioCodecAAC), HLSInterval: known(g.SegmentSeconds),
		},
	}
	for _, r := range g.Renditions {
		group.QualityInfoList = append(group.QualityInfoList, companions.QualityInfo{
			Video: &companions.VideoTemplate{
				Quality: templateQuality(r.Height), Height: new(int32(r.Height)), Bitrate: known(r.VideoKbps), FrameRate: new(int32(1)),
			},
			Audio:  &companions.AudioTemplate{SampleRate: 1, Bitrate: known(r.AudioKbps), Channels: 2},
			Format: companions.TemplateFormat(g.Format),
		})
	}
	return group
}

// templateQuality classes a rendition by its height, with two classes more than those of outputs.
func templateQuality(height int) companions.TemplateQuality {
	switch {
	case height >= 2160:
		return companions.TemplateQualityFourK
	case height >= 1440:
		return companions.TemplateQualityTwoK
	}
	return companions.TemplateQuality(*quality(height))
}

// known leaves out 0, which stands for a setting that is left to the service.
func known(n int) *int32 {
	if n == 0 {
		return nil
	}
	return new(int32(n))
}
