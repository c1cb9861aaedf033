package media

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	master    = "master.m3u8"
	mediaList = "index.m3u8"
	// maxList bounds a media playlist, in bytes. It comes from the program that read a stranger's file.
	maxList = 16 << 20
)

// playlist is a media playlist of ours.
type playlist struct {
	target   time.Duration
	segments []segment
}

type segment struct {
	name   string // beside the playlist
	length time.Duration
	size   int64 // bytes
}

// readPlaylist reads a media playlist that ffmpeg wrote, and looks at its segments.
func readPlaylist(dir, name string) (playlist, error) {
	file := filepath.Join(dir, filepath.FromSlash(name))
	if info, err := os.Stat(file); err != nil || info.Size() > maxList {
		return playlist{}, errors.Join(errors.New("ffmpeg made no playlist, or too large a one"), err)
	}
	text, err := os.ReadFile(file) //nolint:gosec // our own file
	if err != nil {
		return playlist{}, err
	}
	p, err := parsePlaylist(text)
	if err != nil {
		return playlist{}, err
	}
	for i := range p.segments {
		s := &p.segments[i]
		info, err := os.Stat(filepath.Join(filepath.Dir(file), s.name))
		if err != nil {
			return playlist{}, err
		}
		s.size = info.Size()
	}
	return p, nil
}

func parsePlaylist(text []byte) (playlist, error) {
	var p playlist
	var length, all time.Duration
	for line := range bytes.Lines(text) {
		line := strings.TrimRight(string(line), "\r\n")
		if value, ok := strings.CutPrefix(line, "#EXT-X-TARGETDURATION:"); ok {
			p.target = duration(value)
		} else if value, ok := strings.CutPrefix(line, "#EXTINF:"); ok {
			value, _, _ = strings.Cut(value, ",")
			length = duration(value)
		} else if line != "" && line[0] != '#' {
			if line != path.Base(line) || !filepath.IsLocal(line) {
				return playlist{}, fmt.Errorf("the playlist names %.80q, which is not beside it", line)
			}
			if all += length; all < 0 {
				return playlist{}, errors.New("the playlist is too long")
			}
			p.segments = append(p.segments, segment{name: line, length: length})
		}
	}
	if len(p.segments) == 0 || p.target <= 0 {
		return playlist{}, errors.New("the playlist has no segments, or no target duration")
	}
	return p, nil
}

// length and size are those of all segments.
func (p playlist) length() (all time.Duration) {
	for _, s := range p.segments {
		all += s.length
	}
	return all
}

func (p playlist) size() (all int64) {
	for _, s := range p.segments {
		all += s.size
	}
	return all
}

// padding is the most that encryption adds to a segment, in bytes.
const padding = 16

// peak is the peak segment bit rate of RFC 8216, section 4.1: the highest of any
// successive segments that last between half and one and a half of the target
// duration together. The segments may be encrypted afterwards.
func (p playlist) peak() int64 {
	highest := rate(p.size()+int64(len(p.segments)*padding), p.length())
	for i := range p.segments {
		var length time.Duration
		var size int64
		for _, s := range p.segments[i:] {
			length, size = length+max(s.length, time.Millisecond), size+s.size+padding // no more than target/1ms rounds
			if length > p.target*3/2 {
				break
			}
			if length >= p.target/2 {
				highest = max(highest, rate(size, length))
			}
		}
	}
	return highest
}

// rate is in bit/s, rounded up.
func rate(size int64, length time.Duration) int64 {
	if length <= 0 {
		return 0
	}
	return int64(float64(size)*8/length.Seconds()) + 1
}

// variant is a line of the master playlist.
type variant struct {
	list          string
	peak, average int64 // bit/s
	video         Video
	codecs        string
}

// writeMaster lists the variants, best first, as players start with the first.
func writeMaster(dir string, rising []variant) error {
	var b strings.Builder
	b.WriteString("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-INDEPENDENT-SEGMENTS\n")
	for _, v := range slices.Backward(rising) {
		fmt.Fprintf(&b, "#EXT-X-STREAM-INF:BANDWIDTH=%d,AVERAGE-BANDWIDTH=%d,RESOLUTION=%dx%d,FRAME-RATE=%.3f,CODECS=\"%s\"\n%s\n",
			v.peak, v.average, v.video.Width, v.video.Height, v.video.FrameRate, v.codecs, v.list)
	}
	return os.WriteFile(filepath.Join(dir, master), []byte(b.String()), 0o600)
}
