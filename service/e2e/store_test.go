package e2e_test

import (
	"bytes"
	"net/http"
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
