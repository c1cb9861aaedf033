package media

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	// tailFrom is the part of the duration behind which there must be something.
	tailFrom = 0.9
	// tailPackets bounds how far the end is looked for, because key frames may lie far before it.
	tailPackets = 5000
	// tailSlack is how much less than that is no matter.
	tailSlack = 2 * time.Second
)

// sparse reports whether the frames are so few that they say nothing about the end.
func (i Info) sparse() bool { return i.Audio == nil && i.Video.FrameRate < 1 }

// announced names the demuxers that take the duration from the beginning of the
// file or from an index, whatever follows; others see where it ends.
var announced = map[string]bool{"mov": true, "matroska": true, "flv": true, "rm": true, "flac": true, "wv": true, "asf": true}

// complete refuses media of which much less was decoded than it says that there is.
func (i Info) complete(decoded time.Duration) error {
	if i.sparse() || decoded >= time.Duration(tailFrom*float64(i.Duration))-tailSlack {
		return nil
	}
	return &Refusal{Kind: Broken, Reason: fmt.Sprintf("Only %s of %s could be decoded: the file is damaged, or was cut off.",
		decoded.Round(time.Second), i.Duration.Round(time.Second))}
}

// whole refuses a file that ends long before its duration: it was cut off. Little
// of it is read.
func (t *Tools) whole(ctx context.Context, in Input, info Info) error {
	from := time.Duration(tailFrom * float64(info.Duration))
	if from <= tailSlack || !announced[in.format().Demuxer] || info.sparse() {
		return nil
	}
	var last time.Duration
	packets := 0
	out := &bounded{limit: maxDescription}
	err := t.start(ctx, run{
		program: t.ffprobe,
		args: append([]string{"-v", "error", "-read_intervals", fmt.Sprintf("%s%%+#%d", seconds(from), tailPackets),
			"-show_entries", "packet=pts_time,duration_time", "-of", "csv=p=0"}, in.args(t.limits)...),
		input:  in.Path,
		stdout: out,
		limit:  t.limits.Probe,
	})
	err = blame(err, Broken, "The end of the file cannot be looked for.")
	if refusal, ok := errors.AsType[*Refusal](err); ok && refusal.Kind == Broken {
		return nil // not every file lets one seek
	}
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(out.kept)) {
		at, length, _ := strings.Cut(strings.TrimSpace(line), ",")
		start, _ := strconv.ParseFloat(at, 64)
		more, _ := strconv.ParseFloat(strings.TrimRight(length, ","), 64)
		last = max(last, time.Duration((start+more)*float64(time.Second)))
		packets++
	}
	if packets >= tailPackets || last >= from-tailSlack {
		return nil
	}
	return &Refusal{Kind: Broken, Reason: fmt.Sprintf("The file says that it is %s long, but it ends before: it was cut off. Upload it again.",
		info.Duration.Round(time.Second))}
}
