package media

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"
)

// target is a snapshot that is reached by seeking.
type target struct {
	snapshot int
	at       time.Duration
	// tail looks for the last frame before the end of the film instead of one that is followed by another.
	tail bool
	// from is where decoding begins; starts counts how often that was the film's start.
	from   time.Duration
	starts int

	seen  bool          // whether a frame was decoded
	first time.Duration // its time, from the timestamp on
}

// farther is by how much more a target is approached from afar each time.
const farther, nearest = 4, 4 * time.Second

// seek takes snapshots by seeking to each. ffmpeg begins at the key frame before, or
// what the demuxer takes for one: where there is no good index, the first
// decoded frame may be later than the timestamp, and behind the last key frame
// there may be none. Such snapshots are approached again from farther away.
func (c *thumbnailer) seek(ctx context.Context, snapshots []int) error {
	var left []*target
	for _, i := range snapshots {
		// What is known as the duration may be a little short.
		at := min(max(0, c.snapshots[i].Offset), c.info.Duration+nearest/2)
		left = append(left, &target{snapshot: i, at: at.Round(time.Microsecond)})
	}
	batch := int(min(maxSeeks, max(1, seekPixels/(int64(c.info.Video.Width)*int64(c.info.Video.Height)))))
	back := time.Duration(0)
	if c.info.Video.PixelFormat == "pal8" { // the palette stands at the beginning alone
		back = c.info.Duration + nearest
	}
	for ; len(left) > 0; back = max(nearest, back*farther) {
		var again []*target
		waiting := len(left)
		for some := range slices.Chunk(left, batch) {
			for _, s := range some {
				s.approach(back)
				if err := c.discard(s.snapshot); err != nil {
					return err
				}
			}
			if err := c.takeEach(ctx, some); err != nil {
				return err
			}
			for _, s := range some {
				if s.settle(c.taken(s.snapshot)) {
					continue
				}
				if s.starts > 1 {
					return &Refusal{Kind: Broken, Reason: "No picture could be decoded."}
				}
				again = append(again, s)
			}
			waiting -= len(some)
			c.progress(len(c.snapshots)-waiting-len(again), len(c.snapshots))
		}
		left = again
	}
	return nil
}

// approach makes ready to decode from a time before the timestamp.
func (s *target) approach(back time.Duration) {
	s.seen = false
	if s.from = max(0, s.at-back); s.from == 0 {
		s.starts++
	}
}

// settle reports whether the snapshot has the right frame, and else changes how to look for it.
func (s *target) settle(taken bool) bool {
	late := s.seen && s.first > 0
	if taken && (s.tail || !late || s.from == 0) {
		return true
	}
	s.tail = !late
	return false
}

// takeEach takes snapshots with one process, in which each is an input of its own.
// Time 0 is the timestamp: rounding up makes all frames up to it the same, of which
// the last goes out as soon as there is a later one.
func (c *thumbnailer) takeEach(ctx context.Context, some []*target) error {
	// ffmpeg's own shift of times would round them to the film's time base, which may be as coarse as its frames.
	args := append(quiet(), "-copyts", "-start_at_zero")
	for _, s := range some {
		var input []string
		if s.from > 0 {
			input = []string{"-noaccurate_seek", "-ss", seconds(s.from + c.info.Lead)}
		}
		args = append(args, c.decoder(input...)...)
	}
	for i, s := range some {
		filter, count := "fps=fps=1:round=up:start_time=0,", []string{"-frames:v", "1"}
		if s.tail {
			filter, count = "trim=end=0.000001,setpts=3600*N/TB,", nil // each frame is written over the one before, however slow the film is
		}
		args = append(append(args, c.clock(i)...), "-map", fmt.Sprintf("%d:%d", i, c.info.Video.Index), "-vf", fmt.Sprintf("settb=AVTB,%ssetpts=PTS-%d,", c.info.beginning(c.in), s.at.Microseconds())+report(s.snapshot, signOfLife)+filter+c.picture)
		args = append(append(append(args, count...), jpeg...), "-update", "1", "file:"+filepath.Base(c.snapshots[s.snapshot].Path))
	}
	return c.start(ctx, args, func(snapshot int, at time.Duration) {
		if i := slices.IndexFunc(some, func(s *target) bool { return s.snapshot == snapshot }); i >= 0 && !some[i].seen {
			some[i].seen, some[i].first = true, at
		}
	})
}
