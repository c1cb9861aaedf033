package e2e_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// TestDump follows one object from the bucket to its URL, off the air and back on it.
func TestDump(t *testing.T) {
	s := start(t, servicetest.NewDir(t))
	content := bytes.Repeat([]byte("0123456789"), 1000)
	s.Put(t, servicetest.Bucket, "in/a b.mp4", content)

	id, err := s.dump(servicetest.Context(t), request("in/a b.mp4", "clip"), "one")
	if err != nil {
		t.Fatal(err)
	}
	info := s.wait(t, id)
	if info.Status != companions.AssetStatusPublished || info.BaseInfo.VideoURL == nil {
		t.Fatalf("the asset is %+v", info)
	}
	url := *info.BaseInfo.VideoURL

	whole := get(t, url)
	if whole.status != http.StatusOK || !bytes.Equal(whole.body, content) || whole.header.Get("Content-Type") != "video/mp4" {
		t.Errorf("GET %s: %d, %d bytes, %s", url, whole.status, len(whole.body), whole.header)
	}
	part := get(t, url, "Range", "bytes=9995-")
	if part.status != http.StatusPartialContent || string(part.body) != "56789" {
		t.Errorf("the last five bytes: %d %q", part.status, part.body)
	}
	if beyond := get(t, url, "Range", "bytes=10000-"); beyond.status != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("a range behind the end: %d", beyond.status)
	}
	if same := get(t, url, "If-None-Match", whole.header.Get("ETag")); same.status != http.StatusNotModified {
		t.Errorf("a file that is known: %d", same.status)
	}

	move := func(verb string) companions.AssetInfo {
		got, err := s.send(servicetest.Context(t), http.MethodPost, "/v1.0/"+servicetest.ProjectID+"/asset/status/"+verb, `{"asset_id":["`+id+`","`+noAsset+`"]}`)
		if err != nil || got.status != http.StatusOK {
			t.Fatalf("%s: %d %s %v", verb, got.status, got.body, err)
		}
		var list companions.AssetInfoList
		if err := json.Unmarshal(got.body, &list); err != nil || len(list.AssetInfoArray) != 2 {
			t.Fatalf("%s: %s", verb, got.body)
		}
		if unknown := list.AssetInfoArray[1]; unknown.Status != companions.AssetStatusNoAsset {
			t.Errorf("%s of an unknown asset: %s", verb, unknown.Status)
		}
		return list.AssetInfoArray[0]
	}
	if got := move("unpublish"); got.Status != companions.AssetStatusCreated {
		t.Errorf("unpublished: %s", got.Status)
	}
	if gone := get(t, url); gone.status != http.StatusNotFound {
		t.Errorf("an unpublished file: %d", gone.status)
	}
	if got := move("publish"); got.Status != companions.AssetStatusPublished {
		t.Errorf("published again: %s", got.Status)
	}
	if back := get(t, url); back.status != http.StatusOK {
		t.Errorf("a file published again: %d", back.status)
	}
	s.Stop(t)
}

// TestAssetsByID asks for exactly these assets, each once: time range and paging do not count, and what does not exist is
// said.
func TestAssetsByID(t *testing.T) {
	s := start(t, servicetest.NewDir(t))
	s.Put(t, servicetest.Bucket, "in/clip.mp4", []byte("clip"))
	id, err := s.dump(servicetest.Context(t), request("in/clip.mp4", "clip"), "one")
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.send(servicetest.Context(t), http.MethodGet, "/v1.0/"+servicetest.ProjectID+"/asset/info?asset_id="+id+"&asset_id="+noAsset+
		"&asset_id="+id+"&asset_id="+noAsset+"&page=5&size=1&end_time=20000101000000", "")
	if err != nil {
		t.Fatal(err)
	}
	var page companions.AssetInfoPage
	if err := json.Unmarshal(got.body, &page); err != nil {
		t.Fatalf("%v: %s", err, got.body)
	}
	if len(page.AssetInfoArray) != 2 || page.Total != 2 || page.IsTruncated != companions.TruncatedNo ||
		page.AssetInfoArray[0].AssetID != id || page.AssetInfoArray[1].Status != companions.AssetStatusNoAsset {
		t.Errorf("got %s", got.body)
	}
}

// TestTenantStorage leaves the object where it is.
func TestTenantStorage(t *testing.T) {
	s := start(t, servicetest.NewDir(t))
	s.Put(t, servicetest.Bucket, "in/clip.mp4", []byte("clip"))
	body := strings.Replace(request("in/clip.mp4", "clip"), `"title"`, `"storage_mode":1,"output_bucket":"media","output_path":"out","title"`, 1)
	id, err := s.dump(servicetest.Context(t), body, "one")
	if err != nil {
		t.Fatal(err)
	}
	info := s.wait(t, id)
	if info.Status != companions.AssetStatusPublished {
		t.Fatalf("the asset is %s: %v", info.Status, info.Description)
	}
	if got := get(t, *info.BaseInfo.VideoURL); string(got.body) != "clip" {
		t.Errorf("the file is %q", got.body)
	}
	if n := s.Copies(t); n != 0 {
		t.Errorf("the service made %d copies", n)
	}

	// The bucket takes results, so it stays open; one that is only read can be closed, and then its media stop.
	authority := func(bucket, operation string) response {
		got, err := s.send(servicetest.Context(t), http.MethodPut, "/v1.0/"+servicetest.ProjectID+"/asset/authority",
			`{"bucket":"`+bucket+`","operation":"`+operation+`"}`)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	wantRefusal(t, authority(servicetest.Bucket, "0"), 403, "VOD.10115", servicetest.Bucket)
	authority(servicetest.Closed, "1")
	s.Put(t, servicetest.Closed, "clip.mp4", []byte("clip"))
	body = strings.NewReplacer(`"bucket":"media"`, `"bucket":"closed"`, "in/clip.mp4", "clip.mp4").Replace(body)
	if id, err = s.dump(servicetest.Context(t), body, "two"); err != nil {
		t.Fatal(err)
	}
	url := *s.wait(t, id).BaseInfo.VideoURL
	if got := get(t, url); string(got.body) != "clip" {
		t.Errorf("the file is %q", got.body)
	}
	if got := authority(servicetest.Closed, "0"); got.status != http.StatusOK {
		t.Errorf("closing a bucket that is only read: %d %s", got.status, got.body)
	}
	wantRefusal(t, get(t, url), 403, "VOD.10114", "")
}

// TestPageExamples sends the two requests of the API page, with buckets and keys that exist.
func TestPageExamples(t *testing.T) {
	s := start(t, servicetest.NewDirWith(t, servicetest.MediaSettings))
	film := mediatest.Film{Frames: 50, Rate: 25, Width: 160, Height: 120}.Make(t)
	segment := filepath.Join(t.TempDir(), "segment.ts")
	mediatest.FFmpeg(t, "-i", film, "-c", "copy", segment)
	s.putFile(t, "path", film)
	s.putFile(t, "test/hls/segment.ts", segment)
	s.Put(t, servicetest.Bucket, "test/hls/test_video.m3u8",
		[]byte("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nsegment.ts\n#EXT-X-ENDLIST\n"))
	for name, body := range map[string]string{
		"hls": `{"video_type":"HLS","title":"tittle","auto_publish":1,"input":{"bucket":"media","location":"cn-north-4",
			"object":"test/hls/test_video.m3u8"},"storage_mode":1,"output_bucket":"media","output_path":"test/hls"}`,
		"file": `{"input":{"bucket":"media","location":"cn-north-4","object":"path"},"title":"title","description":"des",
			"category_id":-1,"tags":"test","video_type":"MP4","auto_publish":1,"template_group_name":"tempName"}`,
	} {
		id, err := s.dump(servicetest.Context(t), body, name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if info := s.wait(t, id); info.Status != companions.AssetStatusPublished {
			t.Errorf("%s: the asset is %s: %v", name, info.Status, *info.Description)
		}
	}
}

// TestWithoutMedia refuses what a service without ffmpeg and edges cannot do, instead of leaving it undone.
func TestWithoutMedia(t *testing.T) {
	s := start(t, servicetest.NewDir(t))
	s.Put(t, servicetest.Bucket, "path", []byte("clip"))
	for member, want := range map[string]string{
		`"thumbnail":{"type":"time"}`:                            "VOD.10136",
		`"template_group_name":"` + servicetest.MP4Group + `"`:   "VOD.10136",
		`"workflow_name":"` + servicetest.Workflow + `"`:         "VOD.10136",
		`"auto_preheat":1`:                                       "VOD.10110",
		`"template_group_name":"none"`:                           "VOD.10053",
		`"workflow_name":"none"`:                                 "VOD.10053",
		`"template_group_name":"mp4only","auto_encrypt":1`:       "VOD.10053",
		`"workflow_name":"none","template_group_name":"mp4only"`: "VOD.10136", // the template wins
	} {
		got, err := s.send(servicetest.Context(t), http.MethodPost, dumpPath, strings.Replace(request("path", "clip"), `"title"`, member+`,"title"`, 1))
		if err != nil || got.status < 400 || !strings.Contains(string(got.body), want) {
			t.Errorf("%s: %d %s %v, want %s", member, got.status, got.body, err, want)
		}
	}
	id, err := s.dump(servicetest.Context(t), request("path", "clip"), "one")
	if err != nil {
		t.Fatal(err)
	}
	if probe := step(s.wait(t, id).BaseInfo, "probe"); probe.State != companions.StepStateNotDone || probe.Error == nil {
		t.Errorf("looking into the media is %s", text(t, probe))
	}
}

// TestIdempotency sends one request many times at once, over a restart and after its source is gone, and wants one asset.
func TestIdempotency(t *testing.T) {
	dir := servicetest.NewDir(t)
	s := start(t, dir)
	s.Put(t, servicetest.Bucket, "in/clip.mp4", []byte("clip"))
	body := request("in/clip.mp4", "clip")
	var mu sync.Mutex
	ids := map[string]int{}
	var clients sync.WaitGroup
	for range 32 {
		clients.Go(func() {
			if _, err := s.dump(servicetest.Context(t), body, "the key"); err == nil {
				t.Error("a key with a space is taken")
			}
			id, err := s.dump(servicetest.Context(t), body, "the-key")
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			ids[id]++
		})
	}
	clients.Wait()
	httpClient.CloseIdleConnections() // the service would wait for those that were opened and never used
	s.Stop(t)
	s = start(t, dir)
	id, err := s.dump(servicetest.Context(t), body, "the-key")
	if err != nil || len(ids) != 1 || ids[id] != 32 {
		t.Errorf("32 requests under one key gave %v, and %s (%v) after a restart", ids, id, err)
	}
	if err := os.Remove(filepath.Join(s.Dir, "store", "objects", servicetest.Bucket, "in", "clip.mp4")); err != nil {
		t.Fatal(err)
	}
	if again, err := s.dump(servicetest.Context(t), body, "the-key"); err != nil || again != id {
		t.Errorf("without its source the request gave %q (%v), want %s", again, err, id)
	}
	got, err := s.send(servicetest.Context(t), http.MethodPost, dumpPath, request("in/clip.mp4", "other"), "Idempotency-Key", "the-key")
	if err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, got, http.StatusConflict, "VOD.10053", "Idempotency-Key")
}

// TestToken gets a token for a password and uses it.
func TestToken(t *testing.T) {
	s := start(t, servicetest.NewDir(t))
	ask := func(password string) response {
		body := `{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"developer","password":"` + password +
			`","domain":{"name":"local"}}}},"scope":{"project":{"name":"` + servicetest.Region + `"}}}}`
		req, err := http.NewRequestWithContext(servicetest.Context(t), http.MethodPost, s.URL+"/v3/auth/tokens", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		got, err := do(req)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := ask("wrong"); got.status != http.StatusUnauthorized || !strings.Contains(string(got.body), `"title":"Unauthorized"`) {
		t.Errorf("a wrong password: %d %s", got.status, got.body)
	}
	token := ask(servicetest.UserSecret).header.Get("X-Subject-Token")
	if got := get(t, s.URL+"/v1.0/"+servicetest.ProjectID+"/asset/info", "X-Auth-Token", token); got.status != http.StatusOK {
		t.Errorf("asset/info with a token: %d %s", got.status, got.body)
	}
}

func get(t *testing.T, url string, header ...string) response {
	t.Helper()
	req, err := http.NewRequestWithContext(servicetest.Context(t), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	got, err := do(req)
	if err != nil {
		t.Fatal(err)
	}
	return got
}
