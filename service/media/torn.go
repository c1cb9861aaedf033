package media

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// tornFrom is how long before the end of a film its sound is decoded, to see whether the last packet of it is complete.
const tornFrom = time.Second

// torn reports whether the last packet of the sound is not complete, as where a recording was cut inside it: nothing
// comes of it when it is decoded. Only MPEG-TS has such packets at its end.
func (t *Tools) torn(ctx context.Context, in Input, info Info, film scan) (bool, error) {
	if in.format().Demuxer != "mpegts" || info.Audio == nil {
		return false, nil
	}
	var packet, frame string
	err := t.start(ctx, run{
		program: t.ffprobe,
		args: append([]string{"-v", "error", "-select_streams", strconv.Itoa(info.Audio.Index),
			"-read_intervals", seconds(film.start+film.track(info.Audio.Index).end-tornFrom) + "%", "-show_packets", "-show_frames",
			"-show_entries", "packet=pts:frame=pts", "-of", "csv"}, in.args(t.limits, in.search()...)...),
		input: in.Path, limit: t.limits.Stall, progress: func(time.Duration) {},
		lines: func(line string) {
			kind, at, _ := strings.Cut(line, ",")
			at, _, _ = strings.Cut(at, ",") // side data follows
			switch kind {
			case "packet":
				packet = at
			case "frame":
				frame = at
			}
		},
	})
	if err = blame(err, Broken, "The sound cannot be decoded."); err == nil {
		return frame != "" && frame != packet, nil
	}
	if refusal, ok := errors.AsType[*Refusal](err); ok && refusal.Kind == Broken {
		return false, nil
	}
	return false, err
}

// withoutLast is the filter that leaves the last packet of a stream out.
func (s scan) withoutLast(index int) string {
	return fmt.Sprintf("noise=drop='gte(n,%d)'", s.track(index).packets-1)
}
