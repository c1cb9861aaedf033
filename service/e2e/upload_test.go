package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/media/mediatest"
	"github.com/vod-reproduction/vod/signer"
)

const (
	uploadPath    = "/v1.0/" + servicetest.ProjectID + "/asset"
	confirmPath   = uploadPath + "/status/uploaded"
	authorityPath = "/v1.1/" + servicetest.ProjectID + "/asset/authority"
)

// upload creates an asset whose file is to be uploaded.
func (s service) upload(t *testing.T, body string) companions.FileUploadTarget {
	t.Helper()
	got, err := s.send(servicetest.Context(t), http.MethodPost, uploadPath, body)
	if err != nil || got.status != http.StatusOK {
		t.Fatalf("status %d, %v: %s", got.status, err, got.body)
	}
	if strings.Contains(string(got.body), `\u0026`) {
		t.Errorf("addresses cannot be copied out of %s", got.body)
	}
	var target companions.FileUploadTarget
	if err := json.Unmarshal(got.body, &target); err != nil {
		t.Fatal(err)
	}
	return target
}

// put sends a file to a presigned address and returns the status.
func put(t *testing.T, address, content string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(servicetest.Context(t), http.MethodPut, address, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	got, err := do(request)
	if err != nil {
		t.Fatal(err)
	}
	return got.status
}

// confirm ends an upload and returns the error code, "" for success.
func (s service) confirm(t *testing.T, id, status string) string {
	t.Helper()
	return s.refusal(t, http.MethodPost, confirmPath, fmt.Sprintf(`{"asset_id": %q, "status": %q}`, id, status))
}

// refusal returns the error code of a call, "" for success.
func (s service) refusal(t *testing.T, method, path, body string) string {
	t.Helper()
	got, err := s.send(servicetest.Context(t), method, path, body)
	if err != nil {
		t.Fatal(err)
	}
	var refused gen.Error
	if got.status != http.StatusOK {
		if err := json.Unmarshal(got.body, &refused); err != nil || refused.ErrorCode == "" {
			t.Fatalf("status %d, %v: %s", got.status, err, got.body)
		}
	}
	return refused.ErrorCode
}

const plainUpload = `{"title": "a film", "video_name": "film.mp4", "video_type": "MP4"}`

// TestUploadOutlivesRestarts creates, uploads and confirms in three runs of the service, confirms many times at once, and
// uploads again.
func TestUploadOutlivesRestarts(t *testing.T) {
	dir := servicetest.NewDir(t)
	s := start(t, dir)
	target := s.upload(t, plainUpload)
	if code := s.confirm(t, target.AssetID, "CREATED"); code != "VOD.10003" {
		t.Errorf("confirmed before it is there: %q", code)
	}
	s.Kill()
	s = start(t, dir)
	// The store has another address now, and the former URL is of no use.
	if info, err := s.info(servicetest.Context(t), target.AssetID); err != nil || info.Status != companions.AssetStatusCreating {
		t.Fatalf("%+v, %v", info, err)
	}
	published, err := s.send(servicetest.Context(t), http.MethodPost, uploadPath+"/status/publish", `{"asset_id": ["`+target.AssetID+`", "unknown"]}`)
	if err != nil || !strings.Contains(string(published.body), `"status":"CREATING"`) || !strings.Contains(string(published.body), `"status":"NO_ASSET"`) {
		t.Errorf("published before it is there: %v: %s", err, published.body)
	}
	query := url.Values{"http_verb": {"PUT"}, "bucket": {target.Target.Bucket}, "object_key": {target.Target.Object}}
	got, err := s.send(servicetest.Context(t), http.MethodGet, authorityPath+"?"+query.Encode(), "")
	if err != nil || got.status != http.StatusOK {
		t.Fatalf("status %d, %v: %s", got.status, err, got.body)
	}
	var authority companions.UploadAuthority
	if err := json.Unmarshal(got.body, &authority); err != nil {
		t.Fatal(err)
	}
	for _, content := range []string{"first", "second"} {
		if status := put(t, authority.SignStr, content); status != http.StatusOK {
			t.Fatalf("PUT: %d", status)
		}
	}
	if n, err := s.count(servicetest.Context(t)); n != 0 || err != nil {
		t.Errorf("%d assets before it is confirmed, %v", n, err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if code := s.confirm(t, target.AssetID, "CREATED"); code != "" {
				t.Errorf("confirmed: %s", code)
			}
		})
	}
	all.Wait()
	info := s.wait(t, target.AssetID)
	if info.Status != companions.AssetStatusPublished {
		t.Fatalf("%+v", info)
	}
	if status := put(t, authority.SignStr, "third"); status != http.StatusOK {
		t.Errorf("PUT to the address that still lasts: %d", status)
	}
	served, err := httpClient.Get(*info.BaseInfo.VideoURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = served.Body.Close() }()
	if served.ContentLength != int64(len("second")) || !strings.HasSuffix(*info.BaseInfo.VideoURL, "/film.mp4") {
		t.Errorf("published at %s are %d bytes", *info.BaseInfo.VideoURL, served.ContentLength)
	}
	for status, want := range map[string]string{"CREATED": "", "FAILED": "VOD.10083", "CANCELLED": "VOD.10083"} {
		if code := s.confirm(t, target.AssetID, status); code != want {
			t.Errorf("%s afterwards: %q, want %q", status, code, want)
		}
	}
	if code := s.refusal(t, http.MethodGet, authorityPath+"?"+query.Encode(), ""); code != "VOD.10062" {
		t.Errorf("an address for what is published: %q", code)
	}
}

// TestUploadEnds ends uploads in every way but a confirmation.
func TestUploadEnds(t *testing.T) {
	s := start(t, servicetest.NewDir(t))
	for name, c := range map[string]struct {
		end        func(id string) string
		want       companions.AssetStatus
		afterwards string // the code of a confirmation
	}{
		"failed":    {func(id string) string { return s.confirm(t, id, "FAILED") }, companions.AssetStatusUploadFailed, "VOD.10083"},
		"cancelled": {func(id string) string { return s.confirm(t, id, "CANCELLED") }, companions.AssetStatusCancelled, "VOD.10083"},
		"deleted": {func(id string) string { return s.refusal(t, http.MethodDelete, uploadPath+"?asset_id="+id, "") },
			companions.AssetStatusDeleted, "VOD.10062"},
	} {
		target := s.upload(t, plainUpload)
		put(t, target.VideoUploadURL, "any bytes")
		for range 2 {
			if code := c.end(target.AssetID); code != "" {
				t.Errorf("%s: %s", name, code)
			}
		}
		if info, err := s.info(servicetest.Context(t), target.AssetID); err != nil || info.Status != c.want {
			t.Errorf("%s: %+v, %v", name, info, err)
		}
		if code := s.confirm(t, target.AssetID, "CREATED"); code != c.afterwards {
			t.Errorf("%s, and confirmed: %q, want %q", name, code, c.afterwards)
		}
		asset := "/v1.0/" + servicetest.ProjectID + "/asset/"
		if code := s.refusal(t, http.MethodPut, asset+"info", fmt.Sprintf(`{"asset_id":%q}`, target.AssetID)); code != c.afterwards {
			t.Errorf("%s, and changed: %q, want %q", name, code, c.afterwards)
		}
		if code := s.refusal(t, http.MethodGet, asset+"ciphers?asset_id="+target.AssetID, ""); code != c.afterwards {
			t.Errorf("%s, and its key asked for: %q, want %q", name, code, c.afterwards)
		}
	}
}

// TestUploadsOfOthers lets another project, and a key without the permission, try what only the owner may do.
func TestUploadsOfOthers(t *testing.T) {
	const others = "  - {access_key: AKOTHER, secret_key: OK" + servicetest.Canary + ", project: other, permissions: [\"*\"]}\nusers:"
	dir := servicetest.NewDirWith(t, strings.Replace(servicetest.Settings, "users:", others, 1))
	s := start(t, dir)
	s.Put(t, servicetest.ServiceBucket, "assets/0/1/secret.mp4", []byte("another's"))
	target := s.upload(t, plainUpload)
	put(t, target.VideoUploadURL, "any bytes")
	owner := signer.Credentials{AccessKey: servicetest.AccessKey, SecretKey: servicetest.SecretKey}
	reader := signer.Credentials{AccessKey: servicetest.ReaderKey, SecretKey: servicetest.ReaderSecret}
	other := signer.Credentials{AccessKey: "AKOTHER", SecretKey: "OK" + servicetest.Canary}
	at := func(project, bucket, key string) string {
		return "/v1.1/" + project + "/asset/authority?" + url.Values{"http_verb": {"PUT"}, "bucket": {bucket}, "object_key": {key}}.Encode()
	}
	key, confirmation := target.Target.Object, `{"asset_id": "`+target.AssetID+`", "status": "CREATED"}`
	for name, c := range map[string]struct {
		keys               signer.Credentials
		method, path, body string
		want               int
	}{
		"another's upload":         {other, http.MethodGet, at("other", target.Target.Bucket, key), "", 404},
		"another's project":        {other, http.MethodGet, at(servicetest.ProjectID, target.Target.Bucket, key), "", 403},
		"another's confirmation":   {other, http.MethodPost, "/v1.0/other/asset/status/uploaded", confirmation, 404},
		"without the permission":   {reader, http.MethodGet, at(servicetest.ProjectID, target.Target.Bucket, key), "", 403},
		"creation without it":      {reader, http.MethodPost, uploadPath, plainUpload, 403},
		"confirmation without it":  {reader, http.MethodPost, confirmPath, confirmation, 403},
		"an object of the service": {owner, http.MethodGet, at(servicetest.ProjectID, servicetest.ServiceBucket, "assets/0/1/secret.mp4"), "", 404},
		"beside the target":        {owner, http.MethodGet, at(servicetest.ProjectID, target.Target.Bucket, key+"2"), "", 404},
		"above the target":         {owner, http.MethodGet, at(servicetest.ProjectID, target.Target.Bucket, "assets/"+target.AssetID+"/upload/../1/film.mp4"), "", 404},
		"a path as upload ID":      {owner, http.MethodGet, at(servicetest.ProjectID, target.Target.Bucket, key) + "&part_number=1&upload_id=../../../assets/0", "", 400},
		"the target elsewhere":     {owner, http.MethodGet, at(servicetest.ProjectID, servicetest.Bucket, key), "", 404},
		"a bucket of the tenant":   {owner, http.MethodGet, at(servicetest.ProjectID, servicetest.Bucket, "film.mp4"), "", 404},
		"a dump of the upload": {owner, http.MethodPost, dumpPath,
			strings.Replace(request(key, "stolen"), servicetest.Bucket, servicetest.ServiceBucket, 1), 403},
		"its own target": {owner, http.MethodGet, at(servicetest.ProjectID, target.Target.Bucket, key), "", 200},
	} {
		req, err := http.NewRequestWithContext(servicetest.Context(t), c.method, s.URL+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		if c.body != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		if err := signer.Sign(req, []byte(c.body), c.keys, time.Now()); err != nil {
			t.Fatal(err)
		}
		got, err := do(req)
		if err != nil || got.status != c.want {
			t.Errorf("%s: %d, %v, want %d: %s", name, got.status, err, c.want, got.body)
		}
	}
	if strings.Contains(s.Log(), "X-Amz-Signature") {
		t.Error("the log has a presigned address")
	}
}

const subtitle = `{"id": 1, "type": "SRT", "language": "EN", "name": "a.srt"}`

// TestUploadRefusals has requests that are refused, each with its field.
func TestUploadRefusals(t *testing.T) {
	s := start(t, servicetest.NewDirWith(t, servicetest.MediaSettings))
	for body, field := range map[string]string{
		`{"video_name": "a.mp4", "video_type": "MP4"}`:                                                                 "title",
		`{"title": "a", "video_type": "MP4"}`:                                                                          "video_name",
		`{"title": "a", "video_name": "a/b.mp4", "video_type": "MP4"}`:                                                 "video_name",
		`{"title": "a", "video_name": "..", "video_type": "MP4"}`:                                                      "video_name",
		`{"title": "a", "video_name": "a?versionId=1", "video_type": "MP4"}`:                                           "video_name",
		`{"title": "a", "video_name": "a\uFFFE.mp4", "video_type": "MP4"}`:                                             "video_name",
		`{"title": "a", "video_name": "` + strings.Repeat("é", 65) + `", "video_type": "MP4"}`:                         "video_name",
		`{"title": "` + strings.Repeat("a", 129) + `", "video_name": "a.mp4", "video_type": "MP4"}`:                    "title",
		`{"title": "a\u0001", "video_name": "a.mp4", "video_type": "MP4"}`:                                             "title",
		`{"title": "a", "video_name": "a.m3u8", "video_type": "HLS"}`:                                                  "video_type",
		`{"title": "a", "video_name": "a.mp4", "video_type": "MP4", "cover_type": "GIF"}`:                              "cover_type",
		`{"title": "a", "video_name": "a.mp4", "video_type": "MP4", "cover_md5": "` + strings.Repeat("A", 22) + `=="}`: "cover_type",
		`{"title": "a", "video_name": "a.mp3", "video_type": "MP3", "subtitles": [` + subtitle + `]}`:                  "subtitles",
		`{"title": "a", "video_name": "a.mp4", "video_type": "MP4", "subtitles": [` + subtitle + `,` + subtitle + `]}`: "subtitles",
		`{"title": "a", "video_name": "a.mp4", "video_type": "MP4", "video_md5": "00"}`:                                "video_md5",
		`{"title": "a", "video_name": "a.mp4", "video_type": "MP4", "template_group_name": "x"}`:                       "template_group_name",
		`{"title": "a", "video_name": "a.mp4", "video_type": "MP4", "auto_encrypt": 1}`:                                "template_group_name",
		`{"title": "a", "video_name": "a.mp3", "video_type": "MP3", "workflow_name": "workflow"}`:                      "template_group_name",
		`{"title": "a", "video_name": "a.mp4", "video_type": "MP4", "thumbnail": {"type": "dots"}}`:                    "thumbnail.dots",
		`{"title": "a", "video_name": "a.mp4", "video_type": "MP4", "auto_preheat": 1}`:                                "auto_preheat",
		`{"title": "a", "video_name": "a.mp4", "video_type": "MP4", "review": {}}`:                                     "review",
	} {
		got, err := s.send(servicetest.Context(t), http.MethodPost, uploadPath, body)
		if err != nil || got.status != http.StatusBadRequest || !strings.Contains(string(got.body), "{"+field+"}") {
			t.Errorf("%.120s: %d, %v: %s", body, got.status, err, got.body)
		}
	}
}

// TestUploadIsReviewed announces a cover that no reviewer would see, by a request and by a workflow.
func TestUploadIsReviewed(t *testing.T) {
	settings := strings.ReplaceAll(servicetest.MediaSettings, servicetest.Region, contract.ReviewRegion) + "review: {url: http://127.0.0.1:9}\n" // nobody listens there
	settings = strings.Replace(settings, "workflows:\n", "workflows:\n  - {name: reviewed, review_template: r}\n", 1)
	s := start(t, servicetest.NewDirWith(t, settings))
	for _, review := range []string{`"review": {}`, `"workflow_name": "reviewed"`} {
		body := `{"title": "a", "video_name": "a.mp4", "video_type": "MP4", ` + review
		if code := s.refusal(t, http.MethodPost, uploadPath, body+`, "cover_type": "JPG"}`); code != "VOD.10136" {
			t.Errorf("%s with a cover: %q", review, code)
		}
		s.upload(t, body+"}")
	}
}

// TestUploadIsProcessed uploads a film that is made into snapshots and renditions, and what is no film.
func TestUploadIsProcessed(t *testing.T) {
	s := start(t, servicetest.NewDirWith(t, servicetest.MediaSettings))
	film, err := os.ReadFile(mediatest.Sample(t, "MP4"))
	if err != nil {
		t.Fatal(err)
	}
	body := `{"title": "a film", "video_name": "фильм 1?.mp4", "video_type": "MP4", "auto_publish": 1, "workflow_name": "` + servicetest.Workflow + `"}`
	for content, want := range map[string]companions.AssetStatus{
		string(film): companions.AssetStatusPublished, "no film": companions.AssetStatusOBSCreateFailed, "": companions.AssetStatusOBSCreateFailed,
	} {
		target := s.upload(t, body)
		if status := put(t, target.VideoUploadURL, content); status != http.StatusOK {
			t.Fatalf("PUT: %d", status)
		}
		if code := s.confirm(t, target.AssetID, "CREATED"); code != "" {
			t.Fatal(code)
		}
		info := s.wait(t, target.AssetID)
		if info.Status != want || info.BaseInfo == nil || *info.BaseInfo.VideoName != "фильм 1?.mp4" {
			t.Errorf("%d bytes: %s %v, want %s", len(content), info.Status, info.Description, want)
		}
		if info.Status == companions.AssetStatusPublished && len(info.BaseInfo.CoverInfoArray) == 0 {
			t.Error("it has no cover")
		}
	}
	s.Stop(t) // what is left is removed before it ends
	left, err := filepath.Glob(filepath.Join(s.Store, servicetest.ServiceBucket, "assets", "*", "upload", "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left of the uploads are %v, %v", left, err)
	}
}

// firstWords are subtitles.
const firstWords = "1\n00:00:00,000 --> 00:00:01,000\nfirst words\n"

// greyPNG is a small picture.
func greyPNG(t *testing.T) string {
	t.Helper()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	return picture.String()
}

// TestUploadWithAttachments uploads covers and subtitles beside films: as they should be, left out, and of another type.
func TestUploadWithAttachments(t *testing.T) {
	s := start(t, servicetest.NewDir(t))
	cover, text := greyPNG(t), firstWords
	body := `{"title": "a film", "video_name": "attached", "video_type": "MP4", "cover_type": "PNG", "subtitles": [` + subtitle + `]}`
	for name, c := range map[string]struct {
		cover, text string // "" is not uploaded
		want        companions.AssetStatus
		files       int // that are served beside the media
	}{
		"both":               {cover, text, companions.AssetStatusPublished, 2},
		"neither":            {"", "", companions.AssetStatusPublished, 0},
		"the cover alone":    {cover, "", companions.AssetStatusPublished, 1},
		"no picture":         {"no picture", text, companions.AssetStatusOBSCreateFailed, 0},
		"no subtitles":       {"", "no subtitles", companions.AssetStatusOBSCreateFailed, 0},
		"too large":          {cover + strings.Repeat("x", 10<<20), "", companions.AssetStatusOBSCreateFailed, 0},
		"a picture as words": {"", cover, companions.AssetStatusOBSCreateFailed, 0},
	} {
		target := s.upload(t, body)
		if target.CoverUploadURL == nil || len(target.SubtitleUploadURLs) != 1 {
			t.Fatalf("%+v", target)
		}
		for address, content := range map[string]string{target.VideoUploadURL: "a film", *target.CoverUploadURL: c.cover, target.SubtitleUploadURLs[0]: c.text} {
			if content == "" {
				continue
			}
			if status := put(t, address, content); status != http.StatusOK {
				t.Fatalf("%s: PUT: %d", name, status)
			}
		}
		if code := s.confirm(t, target.AssetID, "CREATED"); code != "" {
			t.Fatal(name, code)
		}
		info := s.wait(t, target.AssetID)
		if info.Status != c.want {
			t.Errorf("%s: %s %v", name, info.Status, info.Description)
			continue
		}
		if c.want != companions.AssetStatusPublished {
			continue
		}
		served := map[string]string{*info.BaseInfo.VideoURL: "a film"}
		for _, found := range info.BaseInfo.CoverInfoArray {
			served[*found.CoverURL] = cover
		}
		for _, found := range info.BaseInfo.SubtitleInfo {
			served[*found.URL] = text
		}
		if len(served) != 1+c.files {
			t.Errorf("%s: %d files are served, want %d", name, len(served), 1+c.files)
		}
		for address, want := range served {
			response, err := httpClient.Get(address)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(response.Body)
			if err := errors.Join(err, response.Body.Close()); err != nil || string(got) != want {
				t.Errorf("%s: %s is %d bytes, %v", name, address, len(got), err)
			}
		}
	}
}
