//go:build unix

package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/servicetest"
)

// TestMoveDatabase moves a data directory of this version to PostgreSQL: assets, keys and tokens are there, media that has
// another ETag and time since it was copied is handed out, and what was waiting is worked on.
func TestMoveDatabase(t *testing.T) {
	g, server := startGateway(t), servicetest.StartPostgres(t)
	dir := servicetest.NewDirWith(t, g.settings(servicetest.Settings))
	s := start(t, dir)
	s.Store = g.root
	s.Put(t, servicetest.Bucket, "in/clip.mp4", []byte("clip"))
	done, err := s.dump(servicetest.Context(t), request("in/clip.mp4", "done"), "done")
	if err != nil {
		t.Fatal(err)
	}
	s.wait(t, done)
	left := strings.Replace(request("in/left.mp4", "left"), "{", `{"storage_mode":1,"output_bucket":"`+servicetest.Bucket+`","output_path":"out",`, 1)
	s.Put(t, servicetest.Bucket, "in/left.mp4", []byte("left"))
	inPlace, err := s.dump(servicetest.Context(t), left, "left")
	if err != nil {
		t.Fatal(err)
	}
	s.wait(t, inPlace)
	waiting, err := s.dump(servicetest.Context(t), request("in/clip.mp4", "waiting"), "waiting")
	if err != nil {
		t.Fatal(err)
	}
	s.Kill()

	url := server.Create(t)
	t.Setenv("VOD_DATABASE", url)
	media := filepath.Join(g.root, servicetest.ServiceBucket)
	if err := os.Rename(media, media+".former"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(media, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := servicetest.Run(t, "move-database", "--data-dir", dir); err == nil || !strings.Contains(out, "copy the media") {
		t.Fatalf("without its media: %v: %s", err, out)
	}
	if err := os.CopyFS(media, os.DirFS(media+".former")); err != nil { // without attributes, and so without ETags
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(g.root, servicetest.Bucket, "in/left.mp4")); err != nil { // the tenant's own
		t.Fatal(err)
	}
	if out, err := servicetest.Run(t, "move-database", "--data-dir", dir); err != nil || !strings.Contains(out, "moved 3 assets") ||
		!strings.Contains(out, "files=1") {
		t.Fatalf("%v: %s", err, out)
	}
	s = start(t, dir)
	for title, id := range map[string]string{"done": done, "waiting": waiting} {
		again, err := s.dump(servicetest.Context(t), request("in/clip.mp4", title), title)
		if err != nil || again != id {
			t.Errorf("the key %s gives %s, %v; want %s", title, again, err, id)
		}
		if info := s.wait(t, id); info.Status != companions.AssetStatusPublished {
			t.Errorf("%s is %s", title, info.Status)
		} else if got := get(t, *info.BaseInfo.VideoURL); string(got.body) != "clip" {
			t.Errorf("%s is handed out as %+v", title, got)
		}
	}
	if out, err := servicetest.Run(t, "move-database", "--data-dir", dir); err == nil || !strings.Contains(out, "not empty") {
		t.Errorf("a second move: %v: %s", err, out)
	}
}

// TestDatabaseGone has the database fail over: of the former server nothing is heard any more, not even the end of a
// connection, and the next one has its address. What is dumped then is accepted and worked on.
func TestDatabaseGone(t *testing.T) {
	t.Parallel()
	g, server := startGateway(t), servicetest.StartPostgres(t)
	l := newLine(t, server.Address())
	url := strings.Replace(server.Create(t), server.Address(), l.address, 1)
	s := start(t, servicetest.NewDirWith(t, g.settings(servicetest.Settings)+"database: "+url+"\n"))
	s.Store = g.root
	s.Put(t, servicetest.Bucket, "in/clip.mp4", []byte("clip"))
	for _, title := range []string{"before", "after"} {
		id, err := s.dump(servicetest.Context(t), request("in/clip.mp4", title), title)
		for ; err != nil && servicetest.Context(t).Err() == nil; id, err = s.dump(servicetest.Context(t), request("in/clip.mp4", title), title) {
			t.Log(err)
		}
		if info := s.wait(t, id); info.Status != companions.AssetStatusPublished {
			t.Errorf("%s is %s", title, info.Status)
		}
		l.abandon()
	}
}
