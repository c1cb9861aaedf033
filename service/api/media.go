package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/object"
)

// media hands out the file of a published asset, whole or by range. The URL needs no credentials, as a CDN's does not;
// an asset that is not published looks like one that does not exist.
func (s *Server) media(w http.ResponseWriter, r *http.Request) {
	d, err := s.assets.Delivery(r.Context(), asset.Address{AssetID: r.PathValue("asset_id"), Name: r.PathValue("name")})
	if err == nil {
		err = s.mayRead(r.Context(), d)
	}
	if err != nil {
		s.fail(w, r, assetProblem(err))
		return
	}
	file := &remote{ctx: r.Context(), objects: s.objects, media: d.Media}
	defer func() { _ = file.Close() }()
	if err := file.open(); err != nil {
		s.fail(w, r, s.mediaProblem(d, err))
		return
	}
	h := w.Header()
	h.Set("Content-Type", d.ContentType) // follows from video_type, not from what the tenant says
	if d.SHA256 != "" {
		h.Set("ETag", `"`+d.SHA256+`"`)
	}
	h.Set("Cache-Control", s.caching())
	h.Set("Access-Control-Allow-Origin", "*") // players on other sites fetch segments by script
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox")
	response := &ranged{ResponseWriter: w, refuse: func() {
		s.fail(w, r, refuse(contract.CodeIllegalParameter, "the file has no such range").
			withStatus(http.StatusRequestedRangeNotSatisfiable))
	}}
	// The name only serves to guess a type, which is set already.
	http.ServeContent(response, r, "", d.Since, file)
}

// caching lets viewers ask each time, because an asset can be unpublished at any
// time, and caches that are configured keep files for an hour.
func (s *Server) caching() string {
	if len(s.service.Edges) == 0 {
		return "no-cache"
	}
	return "public, max-age=0, s-maxage=3600"
}

// mayRead refuses files that lie in a bucket which its tenant has closed to VOD since.
func (s *Server) mayRead(ctx context.Context, d asset.Delivery) error {
	if d.Bucket == s.service.Store.Bucket {
		return nil
	}
	open, err := s.assets.Authorized(ctx, d.ProjectID, d.Bucket)
	if err != nil || open {
		return err
	}
	return refuse(contract.CodeBucketForbidden, "the tenant's bucket")
}

// mediaProblem explains why published media cannot be read: in storage mode 1 its tenant may have removed it, archived
// it, or taken back the right to read it. In the service's own bucket that is a fault of the service.
func (s *Server) mediaProblem(d asset.Delivery, err error) error {
	switch {
	case errors.Is(err, object.ErrUnavailable):
		return refuse(contract.CodeUnavailable, "the object store does not respond").because(err)
	case d.Bucket == s.service.Store.Bucket && errors.Is(err, object.ErrChanged):
		return fmt.Errorf("published media cannot be read: %s in bucket %s: %w; if it was copied to this store, stop the service and run vod move-store",
			d.Key, d.Bucket, err)
	case d.Bucket == s.service.Store.Bucket:
		return fmt.Errorf("published media cannot be read: %s in bucket %s: %w", d.Key, d.Bucket, err)
	case errors.Is(err, object.ErrNotFound), errors.Is(err, object.ErrNoBucket), errors.Is(err, object.ErrChanged):
		return refuse(contract.CodeNoSuchAsset, "the file is no longer in the tenant's bucket")
	case errors.Is(err, object.ErrDenied), errors.Is(err, object.ErrArchived):
		return refuse(contract.CodeSourceUnreadable, "the file cannot be read from the tenant's bucket").because(err)
	}
	return err
}

// remote reads an object of the store as a file that can seek. A seek only notes where the next read starts; the store
// is asked anew when that is somewhere else.
type remote struct {
	ctx     context.Context
	objects Objects
	media   asset.Media
	at      int64 // where the next read starts
	body    io.ReadCloser
	bodyAt  int64 // what body reads next
}

// open asks for the object from the current place on, pinned to the version that was verified.
func (f *remote) open() error {
	body, info, err := f.objects.Open(f.ctx, f.media.Bucket, f.media.Key, object.Range{Offset: f.at}, f.media.ETag)
	if err != nil {
		return err
	}
	// An object without an ETag could not be pinned; then its time shows whether it is the one that was verified.
	if info.Size != f.media.Size || f.media.ETag == "" && !info.ModTime.Equal(f.media.ModTime) {
		return errors.Join(object.ErrChanged, body.Close())
	}
	f.body, f.bodyAt = body, f.at
	return nil
}

func (f *remote) Read(b []byte) (int, error) {
	if f.at >= f.media.Size {
		return 0, io.EOF
	}
	if f.body == nil || f.bodyAt != f.at {
		_ = f.Close()
		if err := f.open(); err != nil {
			return 0, err
		}
	}
	n, err := f.body.Read(b)
	f.at += int64(n)
	f.bodyAt = f.at
	return n, err
}

func (f *remote) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += f.media.Size
	}
	if offset < 0 {
		return 0, errors.New("seek before the start")
	}
	f.at = offset
	return offset, nil
}

func (f *remote) Close() error {
	if f.body == nil {
		return nil
	}
	err := f.body.Close()
	f.body = nil
	return err
}
