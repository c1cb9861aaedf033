package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
)

// DeleteAssets deletes assets with their files. Each asset's outcome is in the response.
func (s *Server) DeleteAssets(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID, params companions.DeleteAssetsParams) {
	err := s.authorize(r, projectID, config.ActionDelete)
	violations := contract.Check(&params)
	if len(violations) == 0 {
		params.AssetID = strings.Split(strings.Join(params.AssetID, ","), ",")
		violations = contract.Check(&params)
	}
	switch {
	case err != nil:
	case len(violations) > 0:
		err = illegal(violations)
	case params.DeleteType != nil:
		err = refuse(contract.CodeOffline, "delete_type origin; leave it out to delete assets as a whole")
	}
	results := companions.DeleteResults{DeleteResultArray: []companions.DeleteResult{}}
	for _, id := range params.AssetID {
		if err != nil {
			break
		}
		result := companions.DeleteResult{AssetID: id, Status: companions.DeleteStatusDeleted}
		switch e := s.assets.Delete(r.Context(), projectID, id); {
		case errors.Is(e, asset.ErrNotFound):
			result.Status = companions.DeleteStatusFailed
		case e != nil: // what was deleted so far stays deleted when the request is repeated
			err = refuse(contract.CodeUnavailable, "the deletion cannot be recorded now").because(e)
		}
		results.DeleteResultArray = append(results.DeleteResultArray, result)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	respond(w, http.StatusOK, results)
}
