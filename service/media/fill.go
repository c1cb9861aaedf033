package media

import (
	"fmt"
	"time"
)

const (
	// fillRate is how many frames a second are at hand to fill gaps with.
	fillRate = 25
	// hold is for how long outputs need no further frame to show the last one.
	hold = time.Second
)

// fill is the part of a filter chain that shows frames again where a player
// would go on showing them and an output cannot say so: a segment needs a
// picture at its beginning, and the last frame of a file has no length of its
// own. Elsewhere frames stay as they are, and films without gaps need none of it.
//
// Frames of HLS are repeated at the multiples of a segment's length from the first frame on, as ffmpeg begins segments
// there, and often in the last second, but not where the next one of the film is about to come.
// Their timestamps in microseconds, the unit of interleaved frames, are odd, and those of the others even.
func (s scan) fill(info Info, l Ladder) string {
	v := s.track(info.Video.Index)
	if !s.gaps(info, l) {
		return ""
	}
	repeat := func(origin, from, end time.Duration, which string) string {
		shift := origin.Microseconds() / 2 // in units of the time base
		return fmt.Sprintf(",settb=1/500000,split[seen][again];"+
			"[again]setpts=PTS-%d,fps=%d:round=up:start_time=0,tpad=stop_mode=clone:stop_duration=%s,trim=start=%s:end=%s,settb=AVTB,setpts=PTS+%d[held];"+
			"[seen][held]interleave,select='not(mod(pts,2))+isnan(prev_selected_t)+%s'",
			shift, fillRate, seconds(max(end-v.last, hold)), seconds(from-origin), seconds(end-origin), 2*shift+1, which)
	}
	if !l.HLS { // one frame at the end
		return repeat(0, v.end-time.Second/fillRate, v.end, fmt.Sprintf("gte(t-prev_selected_t,1/%d)", fillRate))
	}
	var origin, from time.Duration
	if v.first <= together {
		origin, from = v.first, v.first+time.Second/fillRate
	}
	end := s.length(info)
	within := fmt.Sprintf("mod(t-%s,%s)", seconds(origin), seconds(l.Segment))
	return repeat(origin, from, end, fmt.Sprintf("gte(t-prev_selected_t,max(0.1,%[1]s+0.001))*lt(%[1]s,0.2)+gte(t-prev_selected_t,1.4/%[2]d)*gte(t,%[3]s)",
		within, fillRate, seconds(end-hold)))
}

// gaps reports whether frames are to be repeated.
func (s scan) gaps(info Info, l Ladder) bool {
	v := s.track(info.Video.Index)
	if l.HLS {
		return s.length(info)-v.last > hold || v.gap > l.Segment || v.first > together
	}
	return v.end-v.last > hold
}

// delayed is how many frames encoders keep at the most, beside one for each thread.
const delayed = 64

// encoding is the longest time that sound has to wait for its picture to be encoded.
func (s scan) encoding(info Info, l Ladder, limits Limits) time.Duration {
	const usual = 10 * time.Second
	return max(usual, time.Duration(delayed+limits.Threads)*min(s.track(info.Video.Index).gap, l.Segment))
}

// held is for how long the last frame of an encoded picture is shown: encoders do not know.
func (s scan) held(info Info, l Ladder) time.Duration {
	v := s.track(info.Video.Index)
	if v.end == v.last || s.gaps(info, l) {
		return time.Second / fillRate
	}
	return v.end - v.last
}

// sound are the filters that make sound go on without gaps, which players of
// segments stumble over: silence stands where there is none.
func (s scan) sound(info Info, l Ladder) string {
	const steady = "aresample=async=1:min_hard_comp=0.04:first_pts=0" // seconds; below that, timestamps may jitter
	if !l.HLS {
		return steady
	}
	if end := s.length(info); end-s.track(info.Audio.Index).end > together {
		return steady + ",apad=whole_dur=" + seconds(end)
	}
	return steady
}
