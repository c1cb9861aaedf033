package media

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// audioSlack is the part of its bit rate, one in so many, by which an encoder may miss what it was asked for.
const audioSlack = 10

// fits reports whether the streams may be taken as they are, as far as their descriptions tell.
func (r Rendition) fits(info Info) bool {
	v := info.Video
	rate := v.BitRate
	setDefault(&rate, info.BitRate) // the stream's own is not known: it can have all that the file has
	return v.Codec == "H.264" && v.PixelFormat == "yuv420p" && v.plain() && v.Height <= r.Height && v.FrameRate <= maxFrameRate &&
		(r.VideoBitRate == 0 || rate > 0 && rate <= r.VideoBitRate) &&
		(info.Audio == nil || r.fitsSound(*info.Audio, info.BitRate))
}

// fitsSound reports whether the sound of a file with a bit rate may be taken as it is.
func (r Rendition) fitsSound(a Audio, file int64) bool {
	rate := a.BitRate
	setDefault(&rate, file) // as for the picture
	return a.Codec == "AAC" && a.Channels <= 2 &&
		(r.AudioBitRate == 0 || rate > 0 && rate <= r.AudioBitRate+r.AudioBitRate/audioSlack)
}

// errUnfit ends the reading of packets that cannot be taken as they are.
var errUnfit = errors.New("the packets cannot be taken as they are")

// copyable reports whether the picture's packets can be taken as they are: all
// have their times, the first is a key frame, and key frames lie where segments
// are to begin. Reading that takes too long is not worth it.
func (t *Tools) copyable(ctx context.Context, in Input, info Info, l Ladder) (bool, error) {
	reading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var cuts cutter
	if l.HLS {
		cuts.every = l.Segment
	}
	packets := &lines{each: func(line string) {
		if line != "" && !cuts.packet(line) { // side data ends with a line of its own
			stop(errUnfit)
		}
	}}
	err := t.start(reading, run{
		program: t.ffprobe,
		args: append([]string{"-v", "error", "-select_streams", strconv.Itoa(info.Video.Index), "-show_entries", "packet=pts_time,dts_time,flags", "-of", "csv=p=0"},
			in.args(t.limits)...),
		input: in.Path, stdout: packets, limit: t.limits.Stall,
	})
	switch {
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	case errors.Is(err, errUnfit), errors.Is(err, errTimeout):
		return false, nil
	case err != nil:
		return false, unreadable(in, err)
	}
	return cuts.end(), nil
}

// cutter foresees the segments that ffmpeg makes of copied packets: it cuts at
// the first key frame at or after each multiple of a length from the start.
type cutter struct {
	every time.Duration // 0: no segments

	seen              bool
	start, cut, until time.Duration
	number            time.Duration
}

// packet takes ffprobe's line about a packet, and reports whether all can still be taken.
func (c *cutter) packet(line string) bool {
	fields := strings.Split(line, ",")
	if len(fields) < 3 || fields[1] == "N/A" {
		return false
	}
	s, err := strconv.ParseFloat(fields[0], 64)
	if err != nil {
		return false
	}
	at, key := time.Duration(math.Round(s*1e6))*time.Microsecond, strings.HasPrefix(fields[2], "K")
	if !c.seen {
		c.seen, c.start, c.cut, c.until = true, at, at, at
		return key
	}
	c.until = max(c.until, at)
	fine := c.fine()
	if key && at-c.start >= (c.number+1)*c.every {
		c.number++
		c.cut = at
	}
	return fine
}

// fine reports whether the segment so far is no more than half as long again as what was asked for.
func (c *cutter) fine() bool { return c.every == 0 || c.until-c.cut <= c.every*3/2 }

func (c *cutter) end() bool { return c.seen && c.fine() }

// lines hands on what is written to it by lines, and drops the rest of lines that are too long to be meant.
type lines struct {
	each func(string)
	part []byte
}

// maxLine bounds a line of lines, in bytes.
const maxLine = 4 << 10

func (l *lines) Write(b []byte) (int, error) {
	n := len(b)
	for {
		before, after, found := bytes.Cut(b, []byte{'\n'})
		l.part = append(l.part, before[:min(len(before), maxLine-min(maxLine, len(l.part)))]...)
		if !found {
			return n, nil
		}
		l.each(string(l.part))
		l.part, b = slices.Delete(l.part, 0, len(l.part)), after
	}
}
