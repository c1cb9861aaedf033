package ui

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/vod-reproduction/vod/service/asset"
)

// KeyPath is where players get the key of an asset's encrypted outputs, as the
// playlists name it: 16 bytes, for signed-in users of its project only.
func KeyPath(prefix, id string) string { return prefix + "/assets/" + id + "/key" }

func (u *ui) key(w http.ResponseWriter, r *http.Request, _ string) error {
	key, err := u.Key(r, r.PathValue("id"))
	if errors.Is(err, asset.ErrNotFound) {
		return errNotFound
	}
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Length", strconv.Itoa(len(key)))
	_, _ = w.Write(key) // the player may have left
	return nil
}
