package media

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"
)

// errAstray ends a pass over key frames that do not lie at the timestamps.
var errAstray = errors.New("the key frames do not lie at the timestamps")

// keyFrames takes snapshots at equal distances from key frames alone, which need no
// other frame. It returns the snapshots for which no key frame is the one that is
// shown, and the longest gap between key frames. When the pass turns out to
// miss more than it hits, or more than are sought, it ends early and returns all frames.
func (c *thumbnailer) keyFrames(ctx context.Context, every time.Duration) (left []int, gap time.Duration, err error) {
	if c.info.Delay > 0 { // a decoder that skips frames keeps none back
		return indices(len(c.snapshots)), c.info.Duration, nil
	}
	passing, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	judge := keyJudge{near: nearFrame, snapshots: c.snapshots}
	if rate := c.info.Video.FrameRate; rate > 0 {
		judge.near = min(nearFrame, time.Duration(float64(time.Second)/rate))
	}
	// Demuxers that can skip other frames need not even read them.
	err = c.pass(passing, []string{"-discard", "nokey", "-skip_frame", "nokey"}, every, everyFrame, func(at time.Duration) {
		judge.frame(at)
		if missed := len(judge.missed); missed > judge.hits+1 || missed > maxSeeks && !c.seeksPay(every, judge.gap) {
			stop(errAstray)
		}
		c.progress(judge.hits, len(c.snapshots))
	})
	if errors.Is(err, errAstray) && ctx.Err() == nil {
		return indices(len(c.snapshots)), judge.gap, nil
	}
	if refusal, ok := errors.AsType[*Refusal](err); ok && refusal.Kind == Broken { // some decoders fail at the frames that they skip
		return indices(len(c.snapshots)), c.info.Duration, nil
	}
	if err != nil {
		return nil, 0, err
	}
	judge.end(c.info.Duration)
	for i := range c.snapshots {
		if _, missed := slices.BinarySearch(judge.missed, i); missed || !c.taken(i) {
			left = append(left, i)
		}
	}
	return left, judge.gap, nil
}

// decodeAll takes snapshots at equal distances while decoding everything once. It returns those behind the last frame.
func (c *thumbnailer) decodeAll(ctx context.Context, every time.Duration) (left []int, err error) {
	for i := range c.snapshots {
		if err := c.discard(i); err != nil {
			return nil, err
		}
	}
	err = c.pass(ctx, nil, every, signOfLife, func(at time.Duration) {
		c.progress(min(len(c.snapshots), max(0, int(at/every))), len(c.snapshots))
	})
	for i := range c.snapshots {
		if !c.taken(i) {
			left = append(left, i)
		}
	}
	return left, err
}

// pass decodes the film once. At each multiple of every goes out the last
// frame that is not later: rounding up gives a frame the number of the first
// moment at which it can be shown. The frames of which each is true are reported.
func (c *thumbnailer) pass(ctx context.Context, input []string, every time.Duration, each string, frame func(at time.Duration)) error {
	args := slices.Concat(quiet(), c.decoder(input...), c.clock(0))
	args = append(args, "-map", "0:"+strconv.Itoa(c.info.Video.Index), "-vf", "settb=AVTB,"+c.info.beginning(c.in)+report(0, each)+"fps=fps=1/"+seconds(every)+":round=up:start_time=0,"+c.picture,
		"-frames:v", strconv.Itoa(len(c.snapshots)))
	args = append(append(args, jpeg...), "-start_number", "1", "file:%05d.jpg")
	return c.start(ctx, args, func(_ int, at time.Duration) { frame(at) })
}

// keyJudge tells from the times of key frames, which are rising, whether each
// timestamp shows one.
type keyJudge struct {
	near      time.Duration // how long a frame is shown at the least
	snapshots []Frame

	next   int // the first snapshot that is not judged
	hits   int
	missed []int
	gap    time.Duration // the longest between two key frames
	seen   bool
	last   time.Duration
}

// frame judges the snapshots before a new key frame.
func (j *keyJudge) frame(at time.Duration) {
	for ; j.next < len(j.snapshots) && j.snapshots[j.next].Offset < at; j.next++ {
		if j.seen || at-j.snapshots[j.next].Offset >= j.near { // what is not a key frame may come before
			j.judge()
		} else {
			j.hits++ // before the first picture there is only that
		}
	}
	if j.seen {
		j.gap = max(j.gap, at-j.last)
	}
	j.seen, j.last = true, at
}

// end judges the snapshots behind the last key frame. What is left of the film is a gap, too.
func (j *keyJudge) end(length time.Duration) {
	j.gap = max(j.gap, length-j.last)
	for ; j.next < len(j.snapshots); j.next++ {
		j.judge()
	}
}

func (j *keyJudge) judge() {
	if j.seen && j.snapshots[j.next].Offset-j.last < j.near {
		j.hits++
	} else {
		j.missed = append(j.missed, j.next)
	}
}

func indices(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
