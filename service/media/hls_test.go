package media_test

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/vod-reproduction/vod/service/media"
)

// mediaSegment is a segment as its playlist and its packets describe it, in seconds.
type mediaSegment struct {
	path             string
	length           float64 // EXTINF
	picture, sound   int     // packets
	first, last, end float64 // of the picture, by its timestamps: of the first frame, the last, and its end, as far as that is known
	soundOn          float64 // the end of the sound
	key              bool    // the first frame of the picture can be decoded by itself
}

// checkHLS holds the outputs of a ladder against what RFC 8216 demands of them:
//
//	4.3.3.1  EXTINF, rounded, is not above the target duration, which is a positive whole number
//	4.3.2.1  EXTINF is as long as the segment
//	3, 6.2.1 timestamps go on from one segment to the next where there is no EXT-X-DISCONTINUITY
//	4.3.5.1  with EXT-X-INDEPENDENT-SEGMENTS every segment can be decoded by itself
//	6.2.4    variants have the same target duration, matching timestamps and segments
//	4.3.4.2  BANDWIDTH is not below the peak, and CODECS is there
//	4, 4.1   UTF-8 without a byte order mark and control characters, every line a tag of its kind or a name
//	4.3.1.2  EXT-X-VERSION, once, high enough for decimal EXTINF
//	3.2      a segment of MPEG-TS has a single program, and begins with its PAT and PMT
//
// Not held here: what is asked of web servers (6.2.1), of live playlists (6.2.2) and of players (6.3). Encryption (5.2,
// 6.2.3) has a test of its own.
//
// It returns the segments of each variant.
func checkHLS(t *testing.T, dir string, outputs []media.Output) [][]mediaSegment {
	t.Helper()
	var target string
	var all [][]mediaSegment
	for _, o := range outputs {
		checkText(t, filepath.Join(dir, o.Files[0]), o.Name == "")
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
				segments = append(segments, mediaSegment{path: filepath.Join(dir, o.Name, line), length: length})
			}
		}
		lookInto(t, segments)
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
			if !tablesFirst(read(t, s.path)) {
				t.Errorf("%s does not begin with its PAT and PMT", where)
			}
			if s.picture == 0 || !s.key {
				t.Errorf("%s does not begin with a key frame", where)
			}
			if i > 0 && math.Abs(s.first-segments[i-1].first-segments[i-1].length) > 0.05 {
				t.Errorf("%s begins %.3f s after the one before, which lasts %.3f s", where, s.first-segments[i-1].first, segments[i-1].length)
			}
			if i == len(segments)-1 && (s.end-s.first > s.length+0.15 || s.end-s.first < s.length-max(0.15, (s.last-s.first)/float64(max(1, s.picture-1)))) {
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

// onceTags are the tags of playlists that are not repeated, by whether the playlist is a master.
var onceTags = map[bool][]string{
	false: {"#EXTM3U", "#EXT-X-VERSION", "#EXT-X-TARGETDURATION", "#EXT-X-PLAYLIST-TYPE", "#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-ENDLIST"},
	true:  {"#EXTM3U", "#EXT-X-VERSION", "#EXT-X-INDEPENDENT-SEGMENTS"},
}

// checkText holds the text of a playlist against sections 4 to 4.3.4.2.
func checkText(t *testing.T, path string, master bool) {
	t.Helper()
	text := string(read(t, path))
	before, peak := map[bool]string{false: "#EXTINF", true: "#EXT-X-STREAM-INF"}[master], regexp.MustCompile(`[:,]BANDWIDTH=[1-9][0-9]*[,\n]`)
	frameRate := regexp.MustCompile(`,FRAME-RATE=([1-9][0-9]?|0\.[0-9]*[1-9])[,.]`) // at most as in outputs
	if !utf8.ValidString(text) || !strings.HasPrefix(text, "#EXTM3U\n#EXT-X-VERSION:3\n") || strings.ContainsFunc(strings.ReplaceAll(text, "\n", ""), unicode.IsControl) {
		t.Errorf("%s begins in another way, or is no plain text:\n%s", path, text)
	}
	seen := map[string]int{}
	announced := false
	for line := range strings.Lines(text) {
		name, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		switch tag := strings.HasPrefix(line, "#"); {
		case tag && announced, !tag && !announced:
			t.Errorf("%s: %q does not follow what it should", path, line)
		case tag && name == before:
			if announced = true; master && (!peak.MatchString(line) || !strings.Contains(line, `CODECS="`) || !frameRate.MatchString(line)) {
				t.Errorf("%s: %q", path, line)
			}
		case tag:
			seen[name]++
		default:
			announced = false
		}
	}
	for _, name := range onceTags[master] {
		if seen[name] != 1 {
			t.Errorf("%s has %s %d times", path, name, seen[name])
		}
		delete(seen, name)
	}
	if announced || len(seen) > 0 {
		t.Errorf("%s has other tags, or ends too early: %v", path, seen)
	}
}

// tablesFirst reports whether a segment begins with the list of its only program and the list of that one's streams.
func tablesFirst(segment []byte) bool {
	var tables []byte
	for at := 0; at+188 <= len(segment) && len(tables) < 2; at += 188 {
		packet := segment[at : at+188]
		if packet[0] != 0x47 || packet[3]&0x20 != 0 {
			return false
		}
		if section := packet[5+packet[4]:]; section[0] != 0x42 { // what the stream is called
			tables = append(tables, section[0])
			if one := section[2] == 4+5+4; section[0] == 0 && !one {
				return false
			}
		}
	}
	return string(tables) == "\x00\x02"
}

// lookInto fills in what the packets of some segments say, and decodes each by itself: at once, since ffmpeg takes long to
// start.
func lookInto(t *testing.T, segments []mediaSegment) {
	t.Helper()
	dir := t.TempDir()
	args := []string{"-nostdin", "-v", "error", "-xerror", "-copyts"}
	for _, s := range segments {
		args = append(args, "-f", "mpegts", "-i", s.path)
	}
	lists := make([]string, len(segments))
	for i := range segments {
		lists[i] = filepath.Join(dir, strconv.Itoa(i))
		input := strconv.Itoa(i)
		args = append(args, "-map", input+":v?", "-map", input+":a?", "-c", "copy", "-f", "framecrc", lists[i],
			"-map", input+":v?", "-map", input+":a?", "-enc_time_base", "-1", "-f", "null", "-")
	}
	if said, err := exec.CommandContext(t.Context(), "ffmpeg", args...).CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("a segment of %s cannot be decoded by itself (their numbers are those of the inputs): %v %s", filepath.Dir(segments[0].path), err, said)
	}
	for i := range segments {
		segments[i].read(t, lists[i])
	}
}

// read takes a list of packets as the muxer "framecrc" of ffmpeg writes it.
func (s *mediaSegment) read(t *testing.T, list string) {
	t.Helper()
	s.first = math.Inf(1)
	unit, picture := map[string]float64{}, map[string]bool{} // by the number of a stream
	for line := range strings.Lines(string(read(t, list))) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			tag, stream, _ := strings.Cut(name, " ")
			switch tag {
			case "#tb":
				one, parts, _ := strings.Cut(value, "/")
				unit[stream] = number(t, one) / number(t, parts)
			case "#media_type":
				picture[stream] = value == "video"
			}
			continue
		}
		columns := strings.Split(strings.ReplaceAll(strings.TrimSpace(line), " ", ""), ",") // stream, dts, pts, duration, size, checksum, flags
		stream := columns[0]
		at, lasts := number(t, columns[2])*unit[stream], number(t, columns[3])*unit[stream]
		if !picture[stream] {
			s.sound++
			s.soundOn = max(s.soundOn, at+lasts)
			continue
		}
		if s.picture == 0 {
			s.key = len(columns) < 7 || columns[6] != "F=0x0" // flags other than that of a key frame are written
		}
		s.picture++
		s.first, s.last, s.end = min(s.first, at), max(s.last, at), max(s.end, at+lasts)
	}
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
