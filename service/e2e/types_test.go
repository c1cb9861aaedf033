package e2e_test

import (
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// TestVideoTypes dumps a sample of every video type but HLS, which TestRecording has, and asks for everything.
func TestVideoTypes(t *testing.T) {
	servicetest.SkipShort(t, "each of 31 types is encoded")
	t.Parallel()
	s := start(t, servicetest.NewDirWith(t, servicetest.MediaSettings))
	for _, videoType := range mediatest.Types() {
		if videoType == "HLS" {
			continue
		}
		s.putFile(t, "sample."+videoType, mediatest.Sample(t, videoType))
		t.Run(videoType, func(t *testing.T) {
			kind, _ := asset.FindMediaType(videoType)
			d := s.process(t, "sample."+videoType, func(r *gen.DumpRequest) {
				r.VideoType = gen.VideoType(videoType)
				r.Thumbnail = &gen.Thumbnail{Type: gen.ThumbnailTypeTime}
				if !kind.Audio { // asking to transcode audio is refused
					r.TemplateGroupName = new(servicetest.MP4Group)
				}
			})
			m := d.BaseInfo.MetaData
			if *m.PackType != videoType || m.Codec == nil || m.VideoSize == nil || m.DurationMs == nil {
				t.Errorf("meta_data is %s", text(t, m))
			}
			if kind.Audio {
				left := step(d.BaseInfo, "thumbnail")
				if left.State != companions.StepStateNotDone || left.Error == nil || !strings.Contains(*left.Error, "audio") {
					t.Errorf("snapshots of audio: %s", text(t, left))
				}
				return
			}
			if *m.Width != mediatest.Width || *m.Height != mediatest.Height {
				t.Errorf("the picture has %d x %d", *m.Width, *m.Height)
			}
			if len(d.ThumbnailInfo.Sample) != 1 || len(d.TranscodeInfo.Output) != 1 {
				t.Errorf("snapshots %s, outputs %s", text(t, d.ThumbnailInfo), text(t, d.TranscodeInfo))
			}
		})
	}
}

// TestDisguises dumps what is no media, or other media than its type says.
func TestDisguises(t *testing.T) {
	s := start(t, servicetest.NewDirWith(t, servicetest.MediaSettings))
	s.putFile(t, "song", mediatest.Sample(t, "MP3"))
	s.Put(t, servicetest.Bucket, "list", []byte("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"))
	s.Put(t, servicetest.Bucket, "concat", []byte("ffconcat version 1.0\nfile /etc/passwd\n"))
	s.Put(t, servicetest.Bucket, "noise", []byte(strings.Repeat("noise", 1000)))
	for _, key := range []string{"song", "list", "concat", "noise"} {
		if got := s.failure(t, key, func(*gen.DumpRequest) {}); !strings.HasPrefix(got, "VOD.10063 ") || strings.Contains(got, "/") {
			t.Errorf("%s as MP4: the asset fails with %q", key, got)
		}
	}
}
