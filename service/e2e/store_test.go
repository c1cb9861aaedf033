package e2e_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/servicetest"
)

// TestExternalStore runs a service on a store that is not its own: that of another service, a real S3 server.
func TestExternalStore(t *testing.T) {
	store := start(t, servicetest.NewDir(t))
	content := bytes.Repeat([]byte("media"), 1<<18)
	store.Put(t, servicetest.Bucket, "in/clip.mp4", content)
	store.Put(t, "second-service", ".keep", nil) // a folder is a bucket

	settings := strings.Replace(servicetest.Settings, `listen: "127.0.0.1:0", bucket: `+servicetest.ServiceBucket,
		`endpoint: "`+store.Vars["VOD_S3_ENDPOINT"]+`", bucket: second-service`, 1)
	s := start(t, servicetest.NewDirWith(t, settings))
	for _, name := range []string{"VOD_S3_ENDPOINT", "VOD_S3_ACCESS_KEY", "VOD_S3_SECRET_KEY"} {
		if s.Vars[name] != store.Vars[name] {
			t.Errorf("clients get another %s than that of the store", name)
		}
	}
	id, err := s.dump(servicetest.Context(t), request("in/clip.mp4", "clip"), "one")
	if err != nil {
		t.Fatal(err)
	}
	info := s.wait(t, id)
	if info.Status != companions.AssetStatusPublished {
		t.Fatalf("the asset is %s: %v", info.Status, info.Description)
	}
	if got := get(t, *info.BaseInfo.VideoURL); got.status != http.StatusOK || !bytes.Equal(got.body, content) {
		t.Errorf("the file: %d, %d bytes", got.status, len(got.body))
	}

	// With the store gone the service says so, and takes nothing.
	store.Kill()
	refused, err := s.send(servicetest.Context(t), http.MethodPost, dumpPath, request("in/clip.mp4", "clip"))
	if err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, refused, http.StatusServiceUnavailable, "VOD.10052", "object store")
	if refused.header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
	s.Stop(t)
}

// TestMoveStore has a service with media go on with an external store, to which its media was copied by a tool that makes other
// ETags and times.
func TestMoveStore(t *testing.T) {
	dir := servicetest.NewDir(t)
	s := start(t, dir)
	s.Put(t, servicetest.Bucket, "in/clip.mp4", []byte("clip"))
	id, err := s.dump(servicetest.Context(t), request("in/clip.mp4", "clip"), "one")
	if err != nil {
		t.Fatal(err)
	}
	s.wait(t, id)
	s.Stop(t)

	external := start(t, servicetest.NewDir(t))
	settings := strings.Replace(servicetest.Settings, `listen: "127.0.0.1:0", bucket`, `endpoint: "`+external.Vars["VOD_S3_ENDPOINT"]+`", bucket`, 1)
	configure := func(settings string) {
		if err := os.WriteFile(filepath.Join(dir, "vod.yaml"), []byte(settings), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	configure(strings.Replace(settings, servicetest.StoreAccessKey, "mistyped", 1))
	if out, err := servicetest.Run(t, "move-store", "--data-dir", dir); err == nil || !strings.Contains(out, "refuses the credentials") {
		t.Errorf("with another access key: %v\n%s", err, out)
	}
	configure(settings)
	for _, command := range []string{"serve", "doctor"} {
		if out, err := servicetest.Run(t, command, "--data-dir", dir); err == nil || !strings.Contains(out, "run vod move-store") {
			t.Errorf("vod %s: %v\n%s", command, err, out)
		}
	}
	if out, err := servicetest.Run(t, "move-store", "--data-dir", dir); err == nil || !strings.Contains(out, "copy the media") {
		t.Errorf("without its media: %v\n%s", err, out)
	}
	if err := os.CopyFS(external.Store, os.DirFS(s.Store)); err != nil { // without attributes, and so without ETags
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "store"), filepath.Join(dir, "store.former")); err != nil {
		t.Fatal(err)
	}
	s = start(t, dir)
	wantRefusal(t, get(t, *s.wait(t, id).BaseInfo.VideoURL), http.StatusInternalServerError, "VOD.10051", "")
	s.Stop(t) // then the log is complete
	if log := s.Log(); !strings.Contains(log, "run vod move-store") {
		t.Errorf("the log does not say what to do:\n%s", log)
	}
	if out, err := servicetest.Run(t, "move-store", "--data-dir", dir); err != nil || !strings.Contains(out, "knows 1 file ") {
		t.Fatalf("%v\n%s", err, out)
	}
	s = start(t, dir)
	if got := get(t, *s.wait(t, id).BaseInfo.VideoURL); string(got.body) != "clip" {
		t.Errorf("the media is handed out as %+v", got)
	}
}

// TestOneProcess refuses a second service on one data directory.
func TestOneProcess(t *testing.T) {
	dir := servicetest.NewDir(t)
	first := start(t, dir)
	out, err := servicetest.Run(t, "serve", "--data-dir", dir)
	if err == nil || !strings.Contains(out, "in use") {
		t.Errorf("the second service: %v\n%s", err, out)
	}
	first.Stop(t)
}
