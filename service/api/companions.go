package api

import (
	"errors"
	"net/http"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
)

// IAM actions of the calls around the dump. The first is the cloud's own name; the others follow its pattern, because
// the vendor's API reference names no more.
const (
	actionAuthority = "vod:bucket:authority"
	actionShow      = "vod:asset:get"
	actionPublish   = "vod:asset:publish"
	actionCategory  = "vod:category:create"
)

// read decodes and checks the body of a companion call.
func read[T any, P interface {
	*T
	contract.Checker
}](r *http.Request, decode func([]byte) (P, contract.Violations), v P) error {
	if err := wantJSON(r); err != nil {
		return err
	}
	decoded, violations := decode(bodyOf(r))
	*v = *decoded
	if len(violations) == 0 {
		violations = contract.Check(v)
	}
	if len(violations) > 0 {
		return illegal(violations)
	}
	return nil
}

// badParameter refuses what the generated wrapper could not read from path, query or headers.
func (s *Server) badParameter(w http.ResponseWriter, r *http.Request, err error) {
	field := "query"
	var format *companions.InvalidParamFormatError
	var required *companions.RequiredParamError
	var many *companions.TooManyValuesForParamError
	switch {
	case errors.As(err, &format):
		field = format.ParamName
	case errors.As(err, &required):
		field = required.ParamName
	case errors.As(err, &many):
		field = many.ParamName
	}
	s.fail(w, r, illegal(contract.Violations{{Field: field, Rule: "type", Message: "cannot be read; see the document"}}))
}

// UpdateBucketAuthorized opens one of the project's own buckets to VOD, or closes it again.
func (s *Server) UpdateBucketAuthorized(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID) {
	var body companions.BucketAuthority
	err := s.authorize(r, projectID, actionAuthority)
	if err == nil {
		err = read(r, contract.DecodeBucketAuthority, &body)
	}
	if err == nil && !s.tenants.owns(projectID, body.Bucket) {
		err = refuse(contract.CodeOBSPermission, "bucket %q is not one of the project's", body.Bucket)
	}
	switch {
	case err != nil:
	case body.Operation == companions.BucketOperationOpen:
		err = s.assets.AuthorizeBucket(r.Context(), projectID, body.Bucket)
	default:
		err = s.assets.RevokeBucket(r.Context(), projectID, body.Bucket)
	}
	if errors.Is(err, asset.ErrBucketInUse) {
		err = refuse(contract.CodeBucketInUse, "%q", body.Bucket)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// CreateAssetCategory adds a category, at most three levels deep.
func (s *Server) CreateAssetCategory(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID) {
	var body companions.CategoryRequest
	err := s.authorize(r, projectID, actionCategory)
	if err == nil {
		err = read(r, contract.DecodeCategory, &body)
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
		return illegal(contract.Violations{{Field: "name", Rule: "maxLength", Message: "must have at most 64 bytes"}})
	}
	return err
}

// PublishAssets makes the media of assets public. Each asset's outcome is in the response.
func (s *Server) PublishAssets(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID) {
	s.moveAssets(w, r, projectID, s.assets.Publish)
}

// UnpublishAssets takes the media of assets out of the public. Each asset's outcome is in the response.
func (s *Server) UnpublishAssets(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID) {
	s.moveAssets(w, r, projectID, s.assets.Unpublish)
}

func (s *Server) moveAssets(w http.ResponseWriter, r *http.Request, projectID string, move moveFunc) {
	var body companions.AssetIDs
	err := s.authorize(r, projectID, actionPublish)
	if err == nil {
		err = read(r, contract.DecodeAssetIDs, &body)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	list := companions.AssetInfoList{AssetInfoArray: []companions.AssetInfo{}}
	for _, id := range body.AssetID {
		a, err := move(r.Context(), projectID, id)
		switch {
		case errors.Is(err, asset.ErrNotFound):
			list.AssetInfoArray = append(list.AssetInfoArray, unknownAsset(id))
		case errors.Is(err, asset.ErrNotReady), errors.Is(err, asset.ErrBlocked):
			why := "the asset is not ready; publish or unpublish it when it is created"
			if errors.Is(err, asset.ErrBlocked) {
				why = string(contract.CodeBlocked) + " review blocked the asset; see review_info of its details"
			}
			a, err = s.assets.Get(r.Context(), projectID, id)
			if err != nil {
				s.fail(w, r, err)
				return
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
