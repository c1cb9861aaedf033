package e2e_test

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// TestRecording dumps an HLS recording in two qualities that stays where it is, and works on it.
func TestRecording(t *testing.T) {
	servicetest.SkipShort(t, "it encodes")
	s := start(t, servicetest.NewDirWith(t, servicetest.MediaSettings))
	dir := t.TempDir()
	film := mediatest.Film{Frames: 150, Rate: 25, Width: 320, Height: 240, KeyEvery: 25}.Make(t)
	for _, q := range []string{"low", "high"} {
		mediatest.FFmpeg(t, "-i", film, "-c", "copy", "-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod",
			"-hls_segment_filename", filepath.Join(dir, q+"%d.ts"), filepath.Join(dir, q+".m3u8"))
	}
	master := "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100000\nlow.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=900000\nhigh.m3u8\n"
	if err := os.WriteFile(filepath.Join(dir, "all.m3u8"), []byte(master), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		s.putFile(t, "rec/"+f.Name(), filepath.Join(dir, f.Name()))
	}
	inPlace := func(r *gen.DumpRequest) {
		r.VideoType, r.AutoPublish = gen.VideoTypeHLS, new(gen.AutoPublishOn)
		r.StorageMode, r.OutputBucket, r.OutputPath = new(gen.StorageModeTenant), new(servicetest.Bucket), new("rec")
	}
	d := s.process(t, "rec/all.m3u8", func(r *gen.DumpRequest) {
		inPlace(r)
		r.Thumbnail = &gen.Thumbnail{Type: gen.ThumbnailTypeDots, Dots: []int32{1, 4}}
		r.TemplateGroupName = new(servicetest.MP4Group)
	})
	if m := d.BaseInfo.MetaData; *m.Codec != companions.CodecH264 || *m.Width != 320 || *m.Duration != 6 || *m.PackType != "HLS" {
		t.Errorf("meta_data is %s", text(t, m))
	}
	if seconds := play(t, *d.BaseInfo.VideoURL); seconds != "6" {
		t.Errorf("the recording plays for %s s", seconds)
	}
	for i, frame := range d.ThumbnailInfo.Dots {
		if frame := mediatest.FrameNumber(t, fetch(t, frame.URL, "frame.jpg")); frame != []int{25, 100}[i] {
			t.Errorf("snapshot %d shows frame %d", i, frame)
		}
	}
	if seconds := play(t, fetch(t, d.TranscodeInfo.Output[0].URL, "out.mp4")); seconds != "6" {
		t.Errorf("the output plays for %s s", seconds)
	}

	// The source is as it was, and all results lie in the asset's own directory beside it.
	for _, f := range files {
		now, err := os.ReadFile(filepath.Join(s.Store, servicetest.Bucket, "rec", f.Name()))
		was, err2 := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil || err2 != nil || !bytes.Equal(now, was) {
			t.Errorf("%s was changed: %v %v", f.Name(), err, err2)
		}
	}
	beside, err := os.ReadDir(filepath.Join(s.Store, servicetest.Bucket, "rec"))
	if err != nil || len(beside) != len(files)+1 {
		t.Errorf("the directory holds %d entries, want %d: %v", len(beside), len(files)+1, err)
	}
	if _, err := os.Stat(filepath.Join(s.Store, servicetest.Bucket, "rec", d.AssetID)); err != nil {
		t.Error(err)
	}

	for name, c := range map[string]struct{ list, want string }{
		"gone":    {strings.Replace(master, "low", "gone", 1), "VOD.10003"},
		"outside": {strings.Replace(master, "low", "../film", 1), "line 3"},
		"key":     {"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-KEY:METHOD=AES-128,URI=\"file:///etc/passwd\"\n#EXTINF:2,\nlow0.ts\n#EXT-X-ENDLIST\n", "line 3"},
	} {
		s.Put(t, servicetest.Bucket, "rec/bad.m3u8", []byte(c.list))
		if got := s.failure(t, "rec/bad.m3u8", inPlace); !strings.Contains(got, c.want) {
			t.Errorf("%s: the asset fails with %q, want %q", name, got, c.want)
		}
	}
}

// What the service made is dumped again like any other recording, and refused with the reason where it is encrypted.
func TestOwnOutputAgain(t *testing.T) {
	servicetest.SkipShort(t, "it transcodes several times")
	s := start(t, servicetest.NewDirWith(t, servicetest.MediaSettings))
	s.putFile(t, "in/film.mp4", mediatest.Film{Frames: 150, Rate: 25, Width: 320, Height: 240, KeyEvery: 25, Sound: true}.Make(t))
	for name, encrypt := range map[string]bool{"plain": false, "encrypted": true} {
		at := func(dir string) func(*gen.DumpRequest) {
			return func(r *gen.DumpRequest) {
				r.StorageMode, r.OutputBucket, r.OutputPath = new(gen.StorageModeTenant), new(servicetest.Bucket), new(dir)
				r.TemplateGroupName = new(servicetest.HLSGroup)
			}
		}
		made := s.process(t, "in/film.mp4", func(r *gen.DumpRequest) {
			at(name)(r)
			if encrypt {
				r.AutoEncrypt = new(gen.AutoEncryptOn)
			}
		})
		masters, err := filepath.Glob(filepath.Join(s.Store, servicetest.Bucket, name, made.AssetID, "*", "output", "master.m3u8"))
		if err != nil || len(masters) != 1 {
			t.Fatalf("masters %q: %v", masters, err)
		}
		master, err := filepath.Rel(filepath.Join(s.Store, servicetest.Bucket), masters[0])
		if err != nil {
			t.Fatal(err)
		}
		again := func(r *gen.DumpRequest) {
			at(path.Dir(master))(r) // HLS stays where it is
			r.VideoType = gen.VideoTypeHLS
		}
		if encrypt {
			if got := s.failure(t, master, again); !strings.Contains(got, "the recording is encrypted") {
				t.Errorf("the encrypted recording fails with %q", got)
			}
			continue
		}
		d := s.process(t, master, again)
		if m := d.BaseInfo.MetaData; *m.Duration != 6 || *m.Width != 320 {
			t.Errorf("meta_data is %s", text(t, m))
		}
	}
}
