package api

import (
	"errors"
	"net/http"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
)

// UpdateAssetMeta changes what the owner says of an asset.
func (s *Server) UpdateAssetMeta(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID) {
	var body *companions.AssetChanges
	err := s.authorize(r, projectID, config.ActionUpdate)
	if err == nil {
		body, err = read(r, contract.DecodeInto[companions.AssetChanges])
	}
	if err == nil {
		err = s.change(r, projectID, body)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) change(r *http.Request, projectID string, body *companions.AssetChanges) error {
	if err := checkText(
		keptText{"title", deref(body.Title), true},
		keptText{"description", deref(body.Description), false},
		keptText{"tags", deref(body.Tags), false},
	); err != nil {
		return err
	}
	changes := asset.Changes{Title: body.Title, Description: body.Description, Tags: body.Tags}
	if body.CategoryID != nil {
		changes.CategoryID = new(int64(*body.CategoryID))
	}
	err := s.assets.Change(r.Context(), projectID, body.AssetID, changes)
	if errors.Is(err, asset.ErrNoCategory) {
		return refuse(contract.CodeNoSuchCategory, "category_id")
	}
	return s.whereUploads(r.Context(), projectID, body.AssetID, err)
}
