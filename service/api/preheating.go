package api

import (
	"errors"
	"net/http"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
)

// CreatePreheatingAsset queues the loading of published files into the CDN caches.
func (s *Server) CreatePreheatingAsset(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID) {
	var body *companions.PreheatRequest
	err := s.authorize(r, projectID, config.ActionPreheat)
	if err == nil {
		body, err = read(r, contract.DecodeInto[companions.PreheatRequest])
	}
	if err == nil {
		if violations := contract.ValidatePreheat(body); len(violations) > 0 {
			err = illegal(violations)
		}
	}
	if err == nil && len(s.service.Edges) == 0 {
		err = refuse(contract.CodeNoEdge, "")
	}
	var task string
	switch {
	case err != nil:
	case body.AssetID != nil:
		task, err = s.assets.PreheatAsset(r.Context(), projectID, *body.AssetID)
		err = s.whereUploads(r.Context(), projectID, *body.AssetID, err)
	default:
		var files []asset.Address
		if files, err = s.addresses(body.URLs); err == nil {
			task, err = s.assets.PreheatFiles(r.Context(), projectID, files)
		}
	}
	if errors.Is(err, asset.ErrNotReady) {
		err = refuse(contract.CodeNotReleased, "publish the asset first")
	}
	if err != nil {
		s.fail(w, r, assetProblem(err))
		return
	}
	respond(w, http.StatusAccepted, companions.PreheatTask{TaskID: task})
}

// addresses finds out which files URLs mean: those that this service gave out.
func (s *Server) addresses(urls []string) ([]asset.Address, error) {
	var files []asset.Address
	for _, u := range urls {
		file, ok := s.addressOf(u)
		if !ok {
			return nil, illegal(contract.Violations{{Field: "urls", Rule: "own-url", Message: "is no address of this service's media: " + quoted(u)}})
		}
		files = append(files, file)
	}
	return files, nil
}

// ShowPreheatingAsset reports how far a preheating task is.
func (s *Server) ShowPreheatingAsset(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID, params companions.ShowPreheatingAssetParams) {
	err := s.authorize(r, projectID, config.ActionShow)
	if violations := contract.Check(&params); err == nil && len(violations) > 0 {
		err = illegal(violations)
	}
	var files []asset.Preheat
	if err == nil {
		files, err = s.assets.PreheatTask(r.Context(), projectID, params.TaskID)
	}
	if errors.Is(err, asset.ErrNotFound) {
		err = refuse(contract.CodeNoSuchAsset, "task_id")
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	results := companions.PreheatResults{PreheatingResults: []companions.PreheatResult{}}
	for _, f := range files {
		results.PreheatingResults = append(results.PreheatingResults, companions.PreheatResult{
			URL: s.publicURL + MediaPath(f.Address), Status: companions.PreheatStatus(f.State), Error: remark(f.Error),
		})
	}
	respond(w, http.StatusOK, results)
}
