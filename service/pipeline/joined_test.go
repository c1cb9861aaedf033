package pipeline

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/media/mediatest"
	"github.com/vod-reproduction/vod/service/object"
)

// Recordings whose timestamps restart, in one file or at the discontinuities of a playlist, are as long as their parts
// together, and their snapshots come from all of them.
func TestJoinedTimelines(t *testing.T) {
	t.Parallel()
	film := mediatest.Film{Frames: 200, Rate: 25, Width: 160, Height: 90, KeyEvery: 25, Sound: true}.Make(t)
	var pieces [][]byte
	for i := range 4 { // each of two seconds, with timestamps from 0
		path := filepath.Join(t.TempDir(), "piece.ts")
		mediatest.FFmpeg(t, "-ss", strconv.Itoa(2*i), "-t", "2", "-i", film, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", path)
		piece, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		pieces = append(pieces, piece)
	}
	list := "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n0.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:2,\n1.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:2,\n2.ts\n" +
		"#EXT-X-DISCONTINUITY\n#EXTINF:2,\n3.ts\n#EXT-X-ENDLIST\n"
	plain := slices.Concat(pieces...)
	var timed []byte // each packet with its time of arrival, as M2TS has it
	for packet := range slices.Chunk(plain, 188) {
		timed = append(append(timed, 0, 0, 0, 0), packet...)
	}
	sizes := map[string]int{"in/all.ts": len(plain), "in/all.m2ts": len(timed)}
	for name, videoType := range map[string]string{"in/all.ts": "TS", "in/all.m2ts": "TS", "in/list.m3u8": asset.TypeHLS} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newStudio(t, faults{})
			p.put("in/all.ts", plain)
			p.put("in/all.m2ts", timed)
			p.put("in/list.m3u8", []byte(list))
			for i, piece := range pieces {
				p.put("in/"+strconv.Itoa(i)+".ts", piece)
			}
			n := p.playlistOf(name)
			n.VideoType = videoType
			n.Plan.Thumbnail = &asset.Thumbnail{Type: asset.ThumbnailQuantity, Quantity: 4, Cover: 1}
			a := p.dump(n)
			if a.State != asset.Created {
				t.Fatalf("asset is %s: %s %s", a.State, a.ErrorCode, a.Reason)
			}
			// The sound of each piece outlasts its picture a little, and nothing of it is cut off.
			if d := a.Results.Probe.Duration - 8*time.Second; d.Abs() > 500*time.Millisecond {
				t.Errorf("it lasts %v", a.Results.Probe.Duration)
			}
			if size, one := sizes[name]; one && a.Results.Probe.Size != int64(size) {
				t.Errorf("it has %d bytes, want %d", a.Results.Probe.Size, size)
			}
			for i, s := range a.Results.Thumbnail.List {
				picture := filepath.Join(t.TempDir(), "picture.jpg")
				bucket, prefix := p.runner.results(a)
				body, _, err := p.runner.objects.Open(t.Context(), bucket, prefix+"1/"+s.File, object.Range{}, "")
				if err != nil {
					t.Fatal(err)
				}
				text, err := io.ReadAll(body)
				if err == nil {
					err = os.WriteFile(picture, text, 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
				if got, want := mediatest.FrameNumber(t, picture), 25+50*i; max(got-want, want-got) > 4 {
					t.Errorf("snapshot %d at %v shows frame %d, want %d", i+1, s.Offset, got, want)
				}
				_ = body.Close()
			}
		})
	}
}
