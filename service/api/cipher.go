package api

import (
	"context"
	"net/http"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
)

// Keys seals tokens, and opens them and the sealed keys of encrypted media.
type Keys interface {
	Seal(owner string, key []byte) []byte
	Unseal(owner string, sealed []byte) ([]byte, error)
}

// key returns the 16 bytes that decrypt the outputs of a project's asset;
// asset.ErrNotFound when the project has no such asset, or it is not encrypted.
func (s *Server) key(ctx context.Context, project, id string) ([]byte, error) {
	sealed, err := s.assets.SealedKey(ctx, project, id)
	if err != nil {
		return nil, err
	}
	if len(sealed) == 0 {
		return nil, asset.ErrNotFound
	}
	return s.keys.Unseal(id, sealed)
}

// PlayerKey returns the 16 bytes that decrypt the outputs of an asset of the visitor's project; asset.ErrNotFound when
// there is no such asset, when it is not encrypted, and when the visitor may not have keys.
func (s *Server) PlayerKey(ctx context.Context, v Visitor, id string) ([]byte, error) {
	if !v.caller.may(config.ActionCipher) {
		return nil, asset.ErrNotFound
	}
	return s.key(ctx, v.Project, id)
}

// ShowAssetCipher hands out the key of an encrypted asset, to callers of its project only.
func (s *Server) ShowAssetCipher(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID, params companions.ShowAssetCipherParams) {
	err := s.authorize(r, projectID, config.ActionCipher)
	if violations := contract.Check(&params); err == nil && len(violations) > 0 {
		err = illegal(violations)
	}
	var a asset.Asset
	if err == nil {
		a, err = s.assets.Get(r.Context(), projectID, params.AssetID)
		err = s.whereUploads(r.Context(), projectID, params.AssetID, err)
	}
	if err == nil && a.Results.Transcode == nil || err == nil && !a.Plan.Transcode.Encrypt {
		err = refuse(contract.CodeNotEncrypted, "")
	}
	var key []byte
	if err == nil {
		key, err = s.key(r.Context(), projectID, params.AssetID)
	}
	if err != nil {
		s.fail(w, r, assetProblem(err))
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	respond(w, http.StatusOK, companions.AssetCipher{Key: key})
}
