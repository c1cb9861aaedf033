package media_test

import (
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/media"
)

// mediaSegment is a segment as its playlist and its packets describe it, in seconds.
type mediaSegment struct {
	path                string
	length              float64 // EXTINF
	picture, sound      int     // packets
	first, end          float64 // of the picture, by its timestamps
	soundFirst, soundOn float64
	key                 bool // the first frame of the picture can be decoded by itself
}

// checkHLS holds the outputs of a ladder against what RFC 8216 demands of them:
//
//	4.3.3.1  EXTINF, rounded, is not above the target duration, which is a positive whole number
//	4.3.2.1  EXTINF is as long as the segment
//	3, 6.2.1 timestamps go on from one segment to the next where there is no EXT-X-DISCONTINUITY
//	4.3.5.1  with EXT-X-INDEPENDENT-SEGMENTS every segment can be decoded by itself
//	6.2.4    variants have the same target duration, matching timestamps and segments
//	4.3.4.2  BANDWIDTH is not below the peak, and CODECS is there
//
// It returns the segments of each variant.
func checkHLS(t *testing.T, dir string, outputs []media.Output) [][]mediaSegment {
	t.Helper()
	var target string
	var all [][]mediaSegment
	for _, o := range outputs {
		if o.Name == "" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, o.Files[0]))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		if lines[0] != "#EXTM3U" || lines[len(lines)-1] != "#EXT-X-ENDLIST" || !slices.Contains(lines, "#EXT-X-INDEPENDENT-SEGMENTS") {
			t.Errorf("%s is no complete playlist:\n%s", o.Files[0], text)
		}
		var segments []mediaSegment
		var own string
		var length float64
		for _, line := range lines {
			if value, ok := strings.CutPrefix(line, "#EXT-X-TARGETDURATION:"); ok {
				own = value
			} else if value, ok := strings.CutPrefix(line, "#EXTINF:"); ok {
				if length, err = strconv.ParseFloat(strings.TrimSuffix(value, ","), 64); err != nil {
					t.Fatal(err)
				}
			} else if !strings.HasPrefix(line, "#") {
				segments = append(segments, segmentOf(t, filepath.Join(dir, o.Name, line), length))
			}
		}
		if target == "" {
			target = own
		}
		longest, err := strconv.Atoi(own)
		if err != nil || longest < 1 || own != target {
			t.Errorf("%s: target duration %q, of the first variant %q", o.Name, own, target)
		}
		for i, s := range segments {
			where := o.Name + "/" + filepath.Base(s.path)
			if math.Round(s.length) > float64(longest) {
				t.Errorf("%s lasts %g s, above the target duration %d", where, s.length, longest)
			}
			if s.picture == 0 || !s.key {
				t.Errorf("%s does not begin with a key frame", where)
			}
			if i > 0 && math.Abs(s.first-segments[i-1].first-segments[i-1].length) > 0.05 {
				t.Errorf("%s begins %.3f s after the one before, which lasts %.3f s", where, s.first-segments[i-1].first, segments[i-1].length)
			}
			if i == len(segments)-1 && math.Abs(s.end-s.first-s.length) > 0.15 {
				t.Errorf("%s: the picture lasts %.3f s, EXTINF is %.3f", where, s.end-s.first, s.length)
			}
			if o.Info.Audio != nil && s.sound == 0 && s.length > 0.1 {
				t.Errorf("%s has no sound", where)
			}
			if end := s.first + s.length; s.sound > 0 && math.Abs(s.soundOn-end) > 0.75 {
				t.Errorf("%s: the sound ends at %.3f, the segment at %.3f", where, s.soundOn, end)
			}
		}
		if len(all) > 0 {
			if len(segments) != len(all[0]) {
				t.Fatalf("%s has %d segments, the first variant %d", o.Name, len(segments), len(all[0]))
			}
			for i, s := range segments {
				if other := all[0][i]; math.Abs(s.first-other.first) > 0.001 || math.Abs(s.length-other.length) > 0.001 {
					t.Errorf("segment %d of %s begins at %.3f and lasts %.3f, that of the first variant at %.3f and %.3f", i, o.Name, s.first, s.length, other.first, other.length)
				}
			}
		}
		all = append(all, segments)
	}
	return all
}

// segmentOf looks at a segment alone, and decodes it.
func segmentOf(t *testing.T, path string, length float64) mediaSegment {
	t.Helper()
	s := mediaSegment{path: path, length: length, first: math.Inf(1), soundFirst: math.Inf(1)}
	for _, p := range packetsOf(t, path) {
		at, _ := strconv.ParseFloat(p.PTS, 64)
		lasts, _ := strconv.ParseFloat(p.Length, 64)
		if p.Type == "video" {
			if s.picture == 0 {
				s.key = strings.HasPrefix(p.Flags, "K")
			}
			s.picture++
			s.first, s.end = min(s.first, at), max(s.end, at+lasts)
		} else {
			s.sound++
			s.soundFirst, s.soundOn = min(s.soundFirst, at), max(s.soundOn, at+lasts)
		}
	}
	if said, err := exec.CommandContext(t.Context(), "ffmpeg", "-nostdin", "-v", "error", "-xerror", "-f", "mpegts", "-i", path, "-f", "null", "-").CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("%s cannot be decoded by itself: %v %s", filepath.Base(path), err, said)
	}
	return s
}

type probedPacket struct {
	Type   string `json:"codec_type"`
	PTS    string `json:"pts_time"`
	Length string `json:"duration_time"`
	Flags  string `json:"flags"`
}

func packetsOf(t *testing.T, path string) []probedPacket {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-f", "mpegts", "-show_entries", "packet=codec_type,pts_time,duration_time,flags", "-of", "json", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	var printed struct{ Packets []probedPacket }
	if err := json.Unmarshal(out, &printed); err != nil {
		t.Fatal(err)
	}
	return printed.Packets
}
