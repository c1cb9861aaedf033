package api

import (
	"net/http"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/gen/companions/strict"
	"github.com/vod-reproduction/vod/internal/strictjson"
)

// IAM actions of the calls for delivery, after the pattern of the others.
const (
	actionCipher  = "vod:asset:getCipher"
	actionPreheat = "vod:asset:preheat"
)

// ShowAssetCipher answers for every asset that it is not encrypted: this service encrypts none.
func (s *Server) ShowAssetCipher(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID, params companions.ShowAssetCipherParams) {
	err := s.authorize(r, projectID, actionCipher)
	if violations := contract.Check(&params); err == nil && len(violations) > 0 {
		err = illegal(violations)
	}
	if err == nil {
		_, err = s.assets.Get(r.Context(), projectID, params.AssetID)
	}
	if err == nil {
		err = refuse(contract.CodeNotEncrypted, "")
	}
	s.fail(w, r, assetProblem(err))
}

// CreatePreheatingAsset refuses every request that keeps the contract: this service has no CDN.
func (s *Server) CreatePreheatingAsset(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID) {
	var body companions.PreheatRequest
	err := s.authorize(r, projectID, actionPreheat)
	if err == nil {
		err = read(r, func(in *strictjson.Reader) { strict.PreheatRequest(in, &body) }, &body)
	}
	if violations := contract.ValidatePreheat(&body); err == nil && len(violations) > 0 {
		err = illegal(violations)
	}
	if err == nil && body.AssetID != nil {
		_, err = s.assets.Get(r.Context(), projectID, *body.AssetID)
	}
	if err == nil {
		err = refuse(contract.CodeNoEdge, "")
	}
	s.fail(w, r, assetProblem(err))
}

// ShowPreheatingAsset knows no task, as none can be started.
func (s *Server) ShowPreheatingAsset(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID, params companions.ShowPreheatingAssetParams) {
	err := s.authorize(r, projectID, actionShow)
	if violations := contract.Check(&params); err == nil && len(violations) > 0 {
		err = illegal(violations)
	}
	if err == nil {
		err = refuse(contract.CodeNoSuchAsset, "task_id")
	}
	s.fail(w, r, err)
}
