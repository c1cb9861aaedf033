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
	target   time.Duration // whole seconds; the same for all playlists of a ladder
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
		if value, ok := strings.CutPrefix(line, "#EXTINF:"); ok {
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
	if len(p.segments) == 0 {
		return playlist{}, errors.New("the playlist has no segments")
	}
	return p, nil
}

// reordered is the longest that the last packet is shown before the last frame ends: in between there may be a frame of
// the longest kind that is not repeated, and another.
const reordered = 2 * hold

// extend makes the last segment reach the end of the film: ffmpeg counts to the
// packet that is decoded last, which is not always the one that is shown last.
func (p playlist) extend(film time.Duration) {
	if missing := film - p.length(); missing > 0 && missing <= reordered {
		p.segments[len(p.segments)-1].length += missing
	}
}

// longest is the least target duration: no segment, rounded to seconds, may be longer (RFC 8216, section 4.3.3.1).
func (p playlist) longest() time.Duration {
	longest := time.Second // players divide by it
	for _, s := range p.segments {
		longest = max(longest, s.length.Round(time.Second))
	}
	return longest
}

// write puts the playlist into the place of ffmpeg's, which knows of no other rendition.
func (p playlist) write(dir, name string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:%d\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n", p.target/time.Second)
	for _, s := range p.segments {
		fmt.Fprintf(&b, "#EXTINF:%s,\n%s\n", seconds(s.length), s.name)
	}
	b.WriteString("#EXT-X-ENDLIST\n")
	return os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(b.String()), 0o600)
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
	name   string // of the list's file
	list   playlist
	video  Video
	codecs string
}

// writePlaylists writes the playlists of a ladder: all have one target duration
// (RFC 8216, section 6.2.4).
func writePlaylists(dir string, rising []variant) error {
	var target time.Duration
	for _, v := range rising {
		target = max(target, v.list.longest())
	}
	for i := range rising {
		v := &rising[i]
		v.list.target = target
		if err := v.list.write(dir, v.name); err != nil {
			return err
		}
	}
	return writeMaster(dir, rising)
}

// writeMaster lists the variants, best first, as players start with the first.
func writeMaster(dir string, rising []variant) error {
	var b strings.Builder
	b.WriteString("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-INDEPENDENT-SEGMENTS\n")
	for _, v := range slices.Backward(rising) {
		var frames string
		if v.video.FrameRate > 0 {
			frames = fmt.Sprintf("FRAME-RATE=%.3f,", v.video.FrameRate)
		}
		fmt.Fprintf(&b, "#EXT-X-STREAM-INF:BANDWIDTH=%d,AVERAGE-BANDWIDTH=%d,RESOLUTION=%dx%d,%sCODECS=\"%s\"\n%s\n",
			v.list.peak(), rate(v.list.size(), v.list.length()), v.video.Width, v.video.Height, frames, v.codecs, v.name)
	}
	return os.WriteFile(filepath.Join(dir, master), []byte(b.String()), 0o600)
}
