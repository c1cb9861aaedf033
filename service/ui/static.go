package ui

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"net/http"
	"path"
	"time"
)

//go:embed static
var staticFiles embed.FS

// staticTypes does not leave the types to the host's own tables.
var staticTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
	".txt": "text/plain; charset=utf-8",
}

type staticFile struct {
	body        []byte
	contentType string
	etag        string
}

// loadStatic reads the files that the program carries; their absence is a fault of the build.
func loadStatic() map[string]staticFile {
	entries, err := staticFiles.ReadDir("static")
	if err != nil {
		panic(fmt.Errorf("ui: static files: %w", err))
	}
	files := make(map[string]staticFile, len(entries))
	for _, e := range entries {
		body, err := staticFiles.ReadFile(path.Join("static", e.Name()))
		if err != nil {
			panic(fmt.Errorf("ui: static file: %w", err))
		}
		files[e.Name()] = staticFile{body, staticTypes[path.Ext(e.Name())], fmt.Sprintf(`"%x"`, sha256.Sum256(body))}
	}
	return files
}

// staticFile needs no credentials: the page that asks for them has a style too.
func (u *ui) staticFile(w http.ResponseWriter, r *http.Request) error {
	f, ok := u.static[r.PathValue("name")]
	if !ok {
		return errNotFound
	}
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("ETag", f.etag)
	h.Set("Cache-Control", "no-cache") // ask every time, so that page and style are of one version
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.body))
	return nil
}
