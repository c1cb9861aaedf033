package api

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
)

// CreateAssetCategory adds a category, at most three levels deep.
func (s *Server) CreateAssetCategory(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID) {
	var body *companions.CategoryRequest
	err := s.authorize(r, projectID, config.ActionCreateCategory)
	if err == nil {
		body, err = read(r, contract.DecodeInto[companions.CategoryRequest])
	}
	if err == nil {
		err = checkText(keptText{"name", body.Name, true})
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
		s.fail(w, r, categoryProblem("parent_id", err))
		return
	}
	respond(w, http.StatusOK, categoryOf(projectID, made))
}

func categoryOf(projectID string, c asset.Category) companions.Category {
	return companions.Category{ID: int32(c.ID), Name: c.Name, ParentID: int32(c.ParentID), Level: int32(c.Level), ProjectID: projectID}
}

// UpdateAssetCategory renames a category.
func (s *Server) UpdateAssetCategory(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID) {
	var body *companions.CategoryChange
	err := s.authorize(r, projectID, config.ActionUpdateCategory)
	if err == nil {
		body, err = read(r, contract.DecodeInto[companions.CategoryChange])
	}
	if err == nil {
		err = checkText(keptText{"name", body.Name, true})
	}
	var renamed asset.Category
	if err == nil {
		renamed, err = s.assets.RenameCategory(r.Context(), projectID, int64(body.ID), body.Name)
	}
	if err != nil {
		s.fail(w, r, categoryProblem("id", err))
		return
	}
	respond(w, http.StatusOK, categoryOf(projectID, renamed))
}

// ListAssetCategory shows the categories below one.
func (s *Server) ListAssetCategory(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID, params companions.ListAssetCategoryParams) {
	err := s.authorize(r, projectID, config.ActionListCategories)
	if violations := contract.Check(&params); err == nil && len(violations) > 0 {
		err = illegal(violations)
	}
	var all []asset.Category
	if err == nil {
		all, err = s.assets.Categories(r.Context(), projectID)
	}
	root := slices.IndexFunc(all, func(c asset.Category) bool { return c.ID == int64(params.ID) })
	if err == nil && params.ID != 0 && root < 0 {
		err = asset.ErrNoCategory
	}
	if err != nil {
		s.fail(w, r, categoryProblem("id", err))
		return
	}
	below := map[int64][]asset.Category{}
	for _, c := range all {
		below[c.ParentID] = append(below[c.ParentID], c)
	}
	trees := treesOf(below, int64(params.ID))
	if params.ID != 0 {
		trees = []companions.CategoryTree{{ID: strconv.Itoa(int(params.ID)), Name: all[root].Name, Children: trees}}
	}
	respond(w, http.StatusOK, append([]companions.CategoryTree{}, trees...))
}

// treesOf returns the categories below one, 0 being the root, each with those below it.
func treesOf(below map[int64][]asset.Category, parent int64) (list []companions.CategoryTree) {
	for _, c := range below[parent] {
		list = append(list, companions.CategoryTree{ID: strconv.FormatInt(c.ID, 10), Name: c.Name, Children: treesOf(below, c.ID)})
	}
	return list
}

// DeleteAssetCategory deletes a category with those below it.
func (s *Server) DeleteAssetCategory(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID, params companions.DeleteAssetCategoryParams) {
	err := s.authorize(r, projectID, config.ActionDeleteCategory)
	if violations := contract.Check(&params); err == nil && len(violations) > 0 {
		err = illegal(violations)
	}
	if err == nil {
		err = s.assets.DeleteCategory(r.Context(), projectID, int64(params.ID))
	}
	if err != nil {
		s.fail(w, r, categoryProblem("id", err))
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// categoryProblem puts an error of the database into the contract's words; field is that of the category.
func categoryProblem(field string, err error) error {
	switch {
	case errors.Is(err, asset.ErrCategoryExists):
		return refuse(contract.CodeCategoryExists, "")
	case errors.Is(err, asset.ErrCategoryLevel):
		return refuse(contract.CodeCategoryTooDeep, "")
	case errors.Is(err, asset.ErrNoCategory):
		return refuse(contract.CodeNoSuchCategory, "%s", field)
	case errors.Is(err, asset.ErrCategoryName):
		return illegal(contract.Violations{{Field: "name", Rule: "category-name-bytes", Message: "must have at most 64 bytes of UTF-8"}})
	}
	return err
}
