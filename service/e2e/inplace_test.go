package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/internal/servicetest"
)

// TestInPlace leaves a film where it is, puts results beside the tenant's own files, and touches none of those.
func TestInPlace(t *testing.T) {
	s := work(t)
	s.Put(t, servicetest.Bucket, "out/own.txt", []byte("the tenant's"))
	inPlace := func(r *gen.DumpRequest) {
		r.StorageMode, r.OutputBucket, r.OutputPath = new(gen.StorageModeTenant), new(servicetest.Bucket), new("out")
		r.Thumbnail, r.TemplateGroupName = &gen.Thumbnail{Type: gen.ThumbnailTypeTime}, new(servicetest.MP4Group)
	}
	d := s.process(t, "film.mp4", inPlace)
	for _, url := range []string{d.ThumbnailInfo.Sample[0].URL, d.TranscodeInfo.Output[0].URL, *d.BaseInfo.VideoURL} {
		if got := get(t, url); got.status != 200 {
			t.Errorf("GET %s: %d", url, got.status)
		}
	}
	s.Put(t, servicetest.Bucket, "broken.mp4", []byte("no film"))
	s.failure(t, "broken.mp4", inPlace)

	var made []string
	bucket := filepath.Join(s.Store, servicetest.Bucket)
	if err := filepath.WalkDir(bucket, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			made = append(made, strings.TrimPrefix(path, bucket+"/"))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{
		"film.mp4": true, "broken.mp4": true, "out/own.txt": true,
		"out/" + d.AssetID + "/1/snapshots/00001.jpg": true, "out/" + d.AssetID + "/1/output/240p.mp4": true,
	}
	for _, name := range made {
		if !want[name] {
			t.Errorf("the tenant's bucket holds %s", name)
		}
		delete(want, name)
	}
	if len(want) != 0 {
		t.Errorf("the tenant's bucket lacks %v", want)
	}
	if copies := s.Copies(t); copies != 0 {
		t.Errorf("the service's own bucket holds %d objects", copies)
	}
}
