package api

import (
	"errors"
	"net/http"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
)

const actionCategory = "vod:category:create"

// CreateAssetCategory adds a category, at most three levels deep.
func (s *Server) CreateAssetCategory(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID) {
	var body *companions.CategoryRequest
	err := s.authorize(r, projectID, actionCategory)
	if err == nil {
		body, err = read(r, contract.DecodeInto[companions.CategoryRequest])
	}
	if err == nil && unprintable(body.Name) {
		err = unprintableField("name")
	}
	var made asset.Category
	if err == nil {
		parent := int64(0)
		if body.ParentID != nil {
			parent = int64(*body.ParentID)
		}
		made, err = s.assets.CreateCategory(r.Context(), projectID, body.Name, parent)
	}
	if err != nil {
		s.fail(w, r, categoryProblem(err))
		return
	}
	respond(w, http.StatusOK, companions.Category{
		ID: int32(made.ID), Name: made.Name, ParentID: int32(made.ParentID), Level: int32(made.Level), ProjectID: projectID,
	})
}

func categoryProblem(err error) error {
	switch {
	case errors.Is(err, asset.ErrCategoryExists):
		return refuse(contract.CodeCategoryExists, "")
	case errors.Is(err, asset.ErrCategoryLevel):
		return refuse(contract.CodeCategoryTooDeep, "")
	case errors.Is(err, asset.ErrNoCategory):
		return refuse(contract.CodeNoSuchCategory, "parent_id")
	case errors.Is(err, asset.ErrCategoryName):
		return illegal(contract.Violations{{Field: "name", Rule: "category-name-bytes", Message: "must have at most 64 bytes of UTF-8"}})
	}
	return err
}
