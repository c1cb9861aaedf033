package media

import (
	"errors"
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
	return a.Codec == "AAC" && a.Channels <= 2 && a.SampleRate <= maxSampleRate &&
		(r.AudioBitRate == 0 || rate > 0 && rate <= r.AudioBitRate+r.AudioBitRate/audioSlack)
}

// errUnfit ends the reading of frames that cannot be taken as they are.
var errUnfit = errors.New("the packets cannot be taken as they are")

const (
	// priming is the most that encoders of sound put before its beginning, for edit lists to hide.
	priming = 200 * time.Millisecond
	// together is how far apart picture and sound of HLS may begin, or end, without harm.
	together = 500 * time.Millisecond
)

// copyable reports whether packets can be taken as they are: what an edit list
// hides would be seen again, and segments of HLS need a picture from the first to the last.
func (s scan) copyable(info Info, hls bool) bool {
	v := s.track(info.Video.Index)
	if s.hides(info) {
		return false
	}
	if info.Audio == nil {
		return !hls || v.first <= together
	}
	a := s.track(info.Audio.Index)
	return !hls || max(v.first, a.first) <= together && (v.end-a.end).Abs() <= together
}

// cutter foresees the segments that ffmpeg makes of copied packets: it cuts at
// the first key frame at or after each multiple of a length from the start.
type cutter struct {
	every time.Duration // 0: no segments

	seen              bool
	start, cut, until time.Duration
	number            time.Duration
}

// packet takes the next packet of the picture, and reports whether all can still be taken.
func (c *cutter) packet(p packet) bool {
	if !p.complete {
		return false
	}
	at, key := p.at, p.key
	if !c.seen {
		c.seen, c.start, c.cut, c.until = true, at, at, at+p.length
		return key && c.fine()
	}
	c.until = max(c.until, at)
	fine := c.fine() && (c.every == 0 || at >= c.cut) // else it is shown before its segment begins, and needs frames of the one before
	if key && at-c.start >= (c.number+1)*c.every {
		c.number++
		c.cut = at
	}
	c.until = max(c.until, at+p.length)
	return fine
}

// fine reports whether the segment so far is no more than half as long again as what was asked for.
func (c *cutter) fine() bool { return c.every == 0 || c.until-c.cut <= c.every*3/2 }

func (c *cutter) end() bool { return c.seen && c.fine() }
