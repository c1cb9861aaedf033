package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/servicetest"
)

// TestNoRedirects wants a response of the contract where a mux would send the caller elsewhere.
func TestNoRedirects(t *testing.T) {
	s := start(t, servicetest.NewDir(t))
	for _, path := range []string{"/v1.0", "/v1.0//x", "/media/../healthz", "/healthz/", "//healthz"} {
		wantRefusal(t, get(t, s.URL+path), http.StatusNotFound, "APIGW.0101", "")
	}
}

// TestUnreadableQuery wants parameters that cannot be read to be refused: without them the list shows everything.
func TestUnreadableQuery(t *testing.T) {
	s := start(t, servicetest.NewDir(t))
	for _, query := range []string{"asset_id=%zz", "asset_id=" + noAsset + ";x=1"} {
		got := get(t, s.URL+"/v1.0/"+servicetest.ProjectID+"/asset/info?"+query, "X-Auth-Token", s.token(t))
		wantRefusal(t, got, http.StatusBadRequest, "VOD.10053", "query")
	}
}

// TestRanges asks for ranges that no player asks for.
func TestRanges(t *testing.T) {
	s := start(t, servicetest.NewDir(t))
	content := bytes.Repeat([]byte("0123456789"), 10_000)
	s.Put(t, servicetest.Bucket, "in/clip.mp4", content)
	url := s.published(t, request("in/clip.mp4", "clip"))

	for _, ranges := range []string{"bytes=100000-", "bytes=9-2", "lines=1-2"} {
		wantRefusal(t, get(t, url, "Range", ranges), http.StatusRequestedRangeNotSatisfiable, "VOD.10053", "range")
	}
	if two := get(t, url, "Range", "bytes=0-1,5-6"); two.status != http.StatusPartialContent {
		t.Errorf("two ranges: %d", two.status)
	}
	many := get(t, url, "Range", "bytes="+strings.Repeat("0-0,", 1000)+"0-0")
	if many.status != http.StatusOK || !bytes.Equal(many.body, content) {
		t.Errorf("1001 ranges: %d with %d bytes, want the whole file", many.status, len(many.body))
	}
}

// TestLostMedia removes published media from the service's own bucket: that is the service's fault, and not the asset's end.
func TestLostMedia(t *testing.T) {
	s := start(t, servicetest.NewDir(t))
	s.Put(t, servicetest.Bucket, "in/clip.mp4", []byte("clip"))
	url := s.published(t, request("in/clip.mp4", "clip"))
	own := filepath.Join(s.Dir, "store", "objects", servicetest.ServiceBucket)
	if err := errors.Join(os.RemoveAll(own), os.Mkdir(own, 0o700)); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, get(t, url), http.StatusInternalServerError, "VOD.10051", "")
	s.Stop(t) // then the log is complete
	if log := s.Log(); !regexp.MustCompile(`level=ERROR msg="request failed".*published media cannot be read`).MatchString(log) {
		t.Errorf("the log does not tell that media is lost:\n%s", log)
	}
}

// TestReplacedTenantMedia replaces media that stays with its tenant by other bytes of the same length: they must not be
// given out as those that were verified.
func TestReplacedTenantMedia(t *testing.T) {
	s := start(t, servicetest.NewDir(t))
	s.Put(t, servicetest.Bucket, "in/clip.mp4", []byte("clip"))
	file := filepath.Join(s.Dir, "store", "objects", servicetest.Bucket, "in", "clip.mp4")
	if err := os.Chtimes(file, time.Time{}, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	body := strings.Replace(request("in/clip.mp4", "clip"), `"title"`, `"storage_mode":1,"output_bucket":"media","output_path":"out","title"`, 1)
	url := s.published(t, body)
	if got := get(t, url); string(got.body) != "clip" {
		t.Fatalf("the file is %q", got.body)
	}
	s.Put(t, servicetest.Bucket, "in/clip.mp4", []byte("fake"))
	wantRefusal(t, get(t, url), http.StatusNotFound, "VOD.10062", "no longer")
}

// TestSecondProcess starts the service twice on one directory by mistake: the second one gives up and touches nothing of
// the first, not even the ready file that both were told to write.
func TestSecondProcess(t *testing.T) {
	s := start(t, servicetest.NewDir(t))
	ready := filepath.Join(s.Dir, "ready")
	before, err := os.ReadFile(ready)
	if err != nil {
		t.Fatal(err)
	}
	out, err := servicetest.Run(t, "serve", "--data-dir", s.Dir, "--ready-file", ready)
	if err == nil || !strings.Contains(out, "in use by another process") {
		t.Errorf("the second process: %v\n%s", err, out)
	}
	if after, err := os.ReadFile(ready); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the ready file of the first is changed: %v", err)
	}
	if got := get(t, s.URL+"/healthz"); got.status != http.StatusOK {
		t.Errorf("the first process: %d", got.status)
	}
}

// TestFormerReadyFile starts the service where a killed one left its ready file, and fails after that: who waits for the
// file must not find the former one.
func TestFormerReadyFile(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	addr := taken.Addr().String()
	dir := servicetest.NewDirWith(t, strings.Replace(servicetest.Settings, "listen: 127.0.0.1:0", "listen: "+addr, 1))
	ready := filepath.Join(dir, "ready")
	if err := os.WriteFile(ready, []byte("former"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := servicetest.Run(t, "serve", "--data-dir", dir, "--ready-file", ready); err == nil || !strings.Contains(out, addr) {
		t.Errorf("a port that another process has: %v\n%s", err, out)
	}
	if _, err := os.Lstat(ready); !os.IsNotExist(err) {
		t.Errorf("the former ready file is still there: %v", err)
	}
}

// published dumps under a key of its own and returns the URL of the media.
func (s service) published(t *testing.T, body string) string {
	t.Helper()
	id, err := s.dump(servicetest.Context(t), body, "published")
	if err != nil {
		t.Fatal(err)
	}
	info := s.wait(t, id)
	if info.Status != companions.AssetStatusPublished || info.BaseInfo.VideoURL == nil {
		t.Fatalf("the asset is %s: %v", info.Status, info.Description)
	}
	return *info.BaseInfo.VideoURL
}

// token signs in as the user of the settings.
func (s service) token(t *testing.T) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"auth": map[string]any{
		"identity": map[string]any{"methods": []string{"password"}, "password": map[string]any{"user": map[string]any{
			"name": servicetest.UserName, "password": servicetest.UserSecret, "domain": map[string]any{"name": servicetest.UserDomain},
		}}},
		"scope": map[string]any{"project": map[string]any{"id": servicetest.ProjectID}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(servicetest.Context(t), http.MethodPost, s.URL+"/v3/auth/tokens", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	got, err := do(req)
	if err != nil || got.status != http.StatusCreated {
		t.Fatalf("sign in: %d %s %v", got.status, got.body, err)
	}
	return got.header.Get("X-Subject-Token")
}
