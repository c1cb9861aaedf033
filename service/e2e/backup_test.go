package e2e_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/servicetest"
)

// TestBackup restores the two backups of docs/operation.md, one made while the service ran, one while it was stopped. Both
// are plain copies, which leave extended attributes and times behind.
func TestBackup(t *testing.T) {
	servicetest.SkipShort(t, "it encodes, and starts three services")
	t.Parallel()
	s := work(t)
	d := s.process(t, "film.mp4", func(r *gen.DumpRequest) {
		r.AutoPublish = new(gen.AutoPublishOn)
		r.TemplateGroupName, r.Thumbnail = new(servicetest.MP4Group), &gen.Thumbnail{Type: gen.ThumbnailTypeQuantity, Quantity: new(int32(1))}
	})
	var urls []string
	for _, url := range []string{*d.BaseInfo.VideoURL, d.TranscodeInfo.Output[0].URL, d.ThumbnailInfo.Quantity[0].URL} {
		urls = append(urls, url[len(s.URL):])
	}
	want := map[string][]byte{}
	for _, url := range urls {
		if want[url] = get(t, s.URL+url).body; len(want[url]) == 0 {
			t.Fatalf("%s is empty", url)
		}
	}

	running := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(s.Dir, "vod.db"))
	if err == nil {
		_, err = db.ExecContext(t.Context(), "VACUUM INTO '"+filepath.Join(running, "vod.db")+"'")
	}
	if err != nil || db.Close() != nil {
		t.Fatal(err)
	}
	copyDir(t, filepath.Join(running, "store"), filepath.Join(s.Dir, "store"))
	for _, name := range []string{"vod.yaml", "vod.key"} {
		text, err := os.ReadFile(filepath.Join(s.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(running, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.Stop(t)
	stopped := filepath.Join(t.TempDir(), "copy")
	copyDir(t, stopped, s.Dir)

	for name, dir := range map[string]string{"running": running, "stopped": stopped} {
		t.Run(name, func(t *testing.T) {
			restored := start(t, dir)
			for _, url := range urls {
				if got := get(t, restored.URL+url); !bytes.Equal(got.body, want[url]) {
					t.Errorf("%s: %d, %d bytes; want %d", url, got.status, len(got.body), len(want[url]))
				}
			}
			info := restored.ended(t, "film.mp4", func(r *gen.DumpRequest) { r.AutoPublish = new(gen.AutoPublishOn) })
			if info.Status != companions.AssetStatusPublished {
				t.Errorf("a new dump is %s: %v", info.Status, *info.Description)
			}
			restored.Stop(t)
		})
	}
}

func copyDir(t *testing.T, to, from string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}
