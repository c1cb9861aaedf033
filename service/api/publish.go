package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
)

// PublishAssets makes the media of assets public. Each asset's outcome is in the response.
func (s *Server) PublishAssets(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID) {
	s.moveAssets(w, r, projectID, s.assets.Publish)
}

// UnpublishAssets takes the media of assets out of the public. Each asset's outcome is in the response.
func (s *Server) UnpublishAssets(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID) {
	s.moveAssets(w, r, projectID, s.assets.Unpublish)
}

type moveFunc func(ctx context.Context, project, id string) (asset.Asset, error)

func (s *Server) moveAssets(w http.ResponseWriter, r *http.Request, projectID string, move moveFunc) {
	var body *companions.AssetIDs
	err := s.authorize(r, projectID, config.ActionPublish)
	if err == nil {
		body, err = read(r, contract.DecodeInto[companions.AssetIDs])
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	list := companions.AssetInfoList{AssetInfoArray: []companions.AssetInfo{}}
	for _, id := range body.AssetID {
		a, err := move(r.Context(), projectID, id)
		switch {
		case errors.Is(err, asset.ErrNotFound), errors.Is(err, asset.ErrNotReady), errors.Is(err, asset.ErrBlocked):
			why := "the asset is not ready; publish or unpublish it when it is created"
			if errors.Is(err, asset.ErrBlocked) {
				why = string(contract.CodeBlocked) + " review blocked the asset; see review_info of its details"
			}
			a, err = s.assetOrUpload(r.Context(), projectID, id)
			if errors.Is(err, asset.ErrNotFound) {
				list.AssetInfoArray = append(list.AssetInfoArray, unknownAsset(id))
				continue
			}
			if err != nil {
				s.fail(w, r, err)
				return
			}
			switch a.State {
			case asset.Uploading, asset.UploadFailed, asset.UploadCancelled:
				why = uploadWords(a.State)
			case asset.CreateFailed:
				why = "the asset has failed, and has nothing to publish"
			}
			info := s.assetInfo(a)
			info.Description = &why
			list.AssetInfoArray = append(list.AssetInfoArray, info)
		case err != nil:
			s.fail(w, r, err)
			return
		default:
			list.AssetInfoArray = append(list.AssetInfoArray, s.assetInfo(a))
		}
	}
	respond(w, http.StatusOK, list)
}
