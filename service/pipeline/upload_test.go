package pipeline

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/object"
)

// upload creates an upload and returns it with the address for its file.
func (p *place) upload() (asset.Upload, string) {
	p.Helper()
	n := asset.New{ProjectID: project, Title: "a film", VideoType: "MP4", Source: asset.Location{Bucket: p.vod, Region: "cn-north-4"}}
	u, err := p.assets.CreateUpload(p.Context(), n, "film.mp4")
	if err != nil {
		p.Fatal(err)
	}
	return u, p.address(u, http.MethodPut, nil)
}

func (p *place) address(u asset.Upload, method string, query url.Values) string {
	p.Helper()
	at, err := shared.client.Presign(p.Context(), method, u.Source.Bucket, u.Source.Key, query, nil, time.Hour)
	if err != nil {
		p.Fatal(err)
	}
	return at
}

// send sends a request to a presigned address.
func (p *place) send(method, at string, body []byte) {
	p.Helper()
	request, err := http.NewRequestWithContext(p.Context(), method, at, bytes.NewReader(body))
	if err != nil {
		p.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.Fatal(err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
		p.Fatal(response.Status, err)
	}
}

func (p *place) confirm(u asset.Upload) {
	p.Helper()
	if err := p.assets.ConfirmUpload(p.Context(), project, u.ID); err != nil {
		p.Fatal(err)
	}
}

// An uploaded file is consumed: the asset keeps its copy alone, whatever is written to the address afterwards.
func TestUploadIsConsumed(t *testing.T) {
	t.Parallel()
	p := newPlace(t, faults{})
	u, at := p.upload()
	p.send(http.MethodPut, at, []byte("first"))
	p.send(http.MethodPut, at, film)
	p.confirm(u)
	p.start(p.runner)
	a := p.ended(u.ID)
	if a.State != asset.Created || a.Media.Size != int64(len(film)) {
		t.Fatalf("the asset is %s: %s", a.State, a.Reason)
	}
	p.stopped()
	p.expectKeys(p.vod, a.Media.Key)
	p.send(http.MethodPut, at, []byte("again"))
	if err := p.runner.RemoveUploads(t.Context(), u.ExpiresAt.Add(uploadGrace)); err != nil {
		t.Fatal(err)
	}
	p.expectKeys(p.vod, a.Media.Key, u.Source.Key) // its time is not over yet
	for range 2 {
		if err := p.runner.RemoveUploads(t.Context(), u.ExpiresAt.Add(uploadGrace+time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		p.expectKeys(p.vod, a.Media.Key)
	}
}

// A fault of the service's own bucket does not fail the asset, whose failure would remove the file.
func TestUploadOutlivesFaults(t *testing.T) {
	t.Parallel()
	left := []error{object.ErrDenied, object.ErrNoBucket, object.ErrArchived, object.ErrUnavailable}
	p := newPlace(t, faults{stat: func(key string) error {
		if _, ok := asset.UploadOf(key); !ok || len(left) == 0 {
			return nil
		}
		err := left[0]
		left = left[1:]
		return fmt.Errorf("HEAD 10.0.0.1: %w", err)
	}})
	u, at := p.upload()
	p.send(http.MethodPut, at, film)
	p.confirm(u)
	p.start(p.runner)
	if a := p.ended(u.ID); a.State != asset.Created || len(left) > 0 {
		t.Errorf("the asset is %s with %d faults left: %s", a.State, len(left), a.Reason)
	}
}

// A cover and subtitles are taken once, though the store fails in between.
func TestAttach(t *testing.T) {
	t.Parallel()
	failed := 0
	p := newPlace(t, faults{put: func(key string) error {
		if strings.HasSuffix(key, ".srt") && failed < 2 {
			failed++
			return fmt.Errorf("PUT 10.0.0.1: %w", object.ErrUnavailable)
		}
		return nil
	}})
	n := asset.New{ProjectID: project, Title: "a film", VideoType: "MP4", Source: asset.Location{Bucket: p.vod, Region: "cn-north-4"}}
	n.Plan.Attachments = []asset.Attachment{{Name: "cover0.jpg", Type: asset.AttachmentJPG},
		{Name: "subtitle1.srt", Type: asset.AttachmentSRT, ID: 1, Language: "CN"}, {Name: "subtitle2.srt", Type: asset.AttachmentSRT, ID: 2, Language: "EN"}}
	u, err := p.assets.CreateUpload(t.Context(), n, "film.mp4")
	if err != nil {
		t.Fatal(err)
	}
	var cover bytes.Buffer
	if err := jpeg.Encode(&cover, image.NewGray(image.Rect(0, 0, 4, 4)), nil); err != nil {
		t.Fatal(err)
	}
	for i, content := range [][]byte{film, cover.Bytes(), []byte("1\n00:00:00,000 --> 00:00:01,000\n\xb5\xda\n")} { // GBK; the other subtitles are left out
		if _, err := p.objects.Put(t.Context(), p.vod, u.Keys()[i], "", bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
	}
	p.confirm(u)
	p.start(p.runner)
	a := p.ended(u.ID)
	if a.State != asset.Created || a.Results.Attached == nil || failed != 2 {
		t.Fatalf("the asset is %s: %s", a.State, a.Reason)
	}
	got := *a.Results.Attached
	if got.Cover != "attached/cover0.jpg" || len(got.Subtitles) != 1 || got.Subtitles[0].ID != 1 || got.Subtitles[0].File != "attached/subtitle1.srt" {
		t.Errorf("attached are %+v", got)
	}
	files, err := p.assets.Files(t.Context(), u.ID)
	if err != nil || len(files) != 2 || files[0].ContentType != "image/jpeg" || files[1].ContentType != "application/x-subrip" {
		t.Fatalf("files are %+v, %v", files, err)
	}
	p.stopped()
	p.expectKeys(p.vod, a.Media.Key, files[0].Key, files[1].Key)
}

// Nothing stays of uploads that nobody confirms, complete or not, though the store is away at first; the file of one that is
// being worked on is not touched.
func TestRemoveUploads(t *testing.T) {
	t.Parallel()
	away := true
	p := newPlace(t, faults{remove: func(string) error {
		if away {
			return fmt.Errorf("DELETE 10.0.0.1: %w", object.ErrUnavailable)
		}
		return nil
	}})
	complete, at := p.upload()
	p.send(http.MethodPut, at, film)
	parts, _ := p.upload()
	p.send(http.MethodPost, p.address(parts, http.MethodPost, url.Values{"uploads": {""}}), nil)
	working, at := p.upload()
	p.send(http.MethodPut, at, film)
	p.confirm(working) // nobody works yet
	later := complete.ExpiresAt.Add(2 * uploadGrace)
	if err := p.runner.RemoveUploads(t.Context(), later); err == nil || !strings.Contains(err.Error(), complete.ID) {
		t.Errorf("with the store away: %v", err)
	}
	away = false
	if err := p.runner.RemoveUploads(t.Context(), later); err != nil {
		t.Fatal(err)
	}
	p.expectKeys(p.vod, working.Source.Key)
	p.expectNoParts()
	gone, err := p.assets.Deleted(t.Context(), project, []string{complete.ID, parts.ID, working.ID})
	if err != nil || !gone[complete.ID] || !gone[parts.ID] || gone[working.ID] {
		t.Errorf("deleted are %v, %v", gone, err)
	}
}

// The parts of an upload go when its asset is deleted before it is confirmed.
func TestRemoveUnconfirmed(t *testing.T) {
	t.Parallel()
	p := newPlace(t, faults{})
	p.start(p.runner)
	complete, at := p.upload()
	p.send(http.MethodPut, at, film)
	p.send(http.MethodPost, p.address(complete, http.MethodPost, url.Values{"uploads": {""}}), nil)
	p.remove(complete.ID)
	p.expectKeys(p.vod)
	p.expectNoParts()
}

// expectNoParts looks for uploads in parts that were neither completed nor aborted.
func (p *place) expectNoParts() {
	p.Helper()
	left, err := filepath.Glob(filepath.Join(shared.dir, p.vod, ".sgwtmp/multipart/*/*"))
	if err != nil || len(left) > 0 {
		p.Errorf("left are %v, %v", left, err)
	}
}
