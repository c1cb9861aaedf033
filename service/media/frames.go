package media

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// frame is what ffprobe says of a decoded frame: streams may say less, or something else.
type frame struct {
	Interlaced int        `json:"interlaced_frame"`
	Matrix     string     `json:"color_space"`
	Range      string     `json:"color_range"`
	Transfer   string     `json:"color_transfer"`
	Primaries  string     `json:"color_primaries"`
	Side       []sideData `json:"side_data_list"`
}

const (
	frameEntries = "frame=interlaced_frame,color_space,color_range,color_transfer,color_primaries:frame_side_data=side_data_type,displaymatrix"
	// sampledPackets are decoded in each place.
	sampledPackets = 12
)

// sampled are the places, as parts of the duration: recordings often begin with something made elsewhere.
var sampled = []float64{0, 0.3, 0.7}

// sample decodes a few frames of the picture, and corrects what its stream says by them.
func (t *Tools) sample(ctx context.Context, in Input, info *Info) error {
	var places []string
	for _, part := range sampled {
		if part == 0 {
			places = append(places, fmt.Sprintf("%%+#%d", sampledPackets))
			continue
		}
		places = append(places, fmt.Sprintf("%s%%+#%d", seconds(time.Duration(part*float64(info.Duration))), sampledPackets))
	}
	frames, err := t.frames(ctx, in, info.Video.Index, strings.Join(places, ","))
	if err != nil {
		return err
	}
	if len(frames) == 0 { // not every file lets one seek, and some show late what they are
		if frames, err = t.frames(ctx, in, info.Video.Index, fmt.Sprintf("%%+#%d", sampledPackets), in.search()...); err != nil {
			return err
		}
	}
	info.Video.see(frames)
	return nil
}

// frames decodes the frames of intervals; there are none where that fails.
func (t *Tools) frames(ctx context.Context, in Input, index int, intervals string, options ...string) ([]frame, error) {
	out := &bounded{limit: maxDescription}
	err := t.start(ctx, run{
		program: t.ffprobe,
		args: append([]string{"-v", "error", "-threads", strconv.Itoa(t.limits.Threads), "-select_streams", strconv.Itoa(index),
			"-read_intervals", intervals, "-show_entries", frameEntries, "-of", "json=compact=1"}, in.args(t.limits, options...)...),
		input:  in.Path,
		stdout: out,
		limit:  t.limits.Probe,
	})
	var printed struct {
		Frames []frame `json:"frames"`
	}
	if err = blame(err, Broken, "No frame can be decoded."); err == nil {
		if err = json.Unmarshal(out.kept, &printed); err != nil {
			err = &Refusal{Kind: Broken, Reason: "The frames could not be described.", Err: err}
		}
	}
	if refusal, ok := errors.AsType[*Refusal](err); ok && refusal.Kind == Broken {
		err = nil
	}
	return printed.Frames, err
}

// see corrects what is known of a picture by some of its frames.
func (v *Video) see(frames []frame) {
	if len(frames) == 0 {
		return
	}
	if marking[v.Codec] {
		v.Fields = ""
	}
	for _, f := range frames {
		if f.Interlaced != 0 {
			v.Fields = Marked
		}
	}
	if min(v.Width, v.Height) < leastSide {
		v.Fields = ""
	}
	first := frames[0]
	if v.Color.Matrix != iptC2 { // frames know nothing of it
		v.Color = newColor(first.Matrix, first.Range, first.Transfer, first.Primaries).or(v.Color)
	}
	if o, ok := orientationOf(first.Side); ok && v.orientation().upright() {
		v.turn(o)
		v.TurnInFrames = !o.upright()
	}
}

// starting names the codecs whose decoders begin between key frames, as a recording or a seek in MPEG-TS may, and make up
// what is missing.
var starting = map[string]bool{"H.265": true, "MPEG-4": true, "VC-1": true}

// beginning are the filters that leave out what decoders make before the first key frame, and what is hidden, and give the
// other frames the times at which they are shown. In MP4 that key frame may be hidden itself, and is always there.
func (i Info) beginning(in Input) (filters string) {
	if starting[i.Video.Codec] && in.format().Demuxer != "mov" {
		filters = "select='key+gt(selected_n,0)',"
	}
	if i.Delay > 0 {
		filters += fmt.Sprintf("setpts=PTS-%s/TB,", seconds(i.Delay))
	}
	// Where packets lack timestamps, ffmpeg guesses them, and may go back by some frames: these are shown right after the one
	// before them. Where time goes back farther, another timeline begins.
	filters += fmt.Sprintf("setpts='if(between(PREV_OUTPTS-PTS,0,1/TB),PREV_OUTPTS+ceil(1/(%d*TB)),PTS)',", maxFrameRate)
	return filters + i.skipLead("")
}

// skipLead are the filters that leave out what is hidden before the beginning; kind is "a" for those of sound.
func (i Info) skipLead(kind string) string {
	if i.Lead == 0 {
		return ""
	}
	return fmt.Sprintf("%[1]strim=start=%[2]s,%[1]ssetpts=PTS-%[2]s/TB,", kind, seconds(i.Lead))
}

// plain reports whether packets of the picture are shown alike by all players, as far as is known.
func (v Video) plain() bool { return v.orientation().upright() && v.Fields == "" && v.standard() }

// steadyEntries are what no key frame may change when packets are taken as they
// are; the first of them must be 0. Side data would change the lines.
const steadyEntries = "frame=interlaced_frame,width,height,pix_fmt,sample_aspect_ratio,color_range,color_space,color_primaries,color_transfer"

// steady reports whether all key frames have the size, the color and the shape of the first, which is a usual one, none is
// interlaced, and as many as are said to be there can be decoded alone: encoders that refresh a picture bit by bit call
// frames so where that begins. Reading that takes too long is not worth it.
func (t *Tools) steady(ctx context.Context, in Input, info Info, keys int) (bool, error) {
	reading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var first string
	alone := 0
	frames := &lines{each: func(line string) {
		if !strings.HasPrefix(line, "width=") {
			return // the end of side data
		}
		alone++
		line, _, _ = strings.Cut(line, "side_data")
		line = strings.TrimRight(line, "|")
		if setDefault(&first, line); line != first || !strings.Contains(line, "|interlaced_frame=0|") || strangePixels(line) {
			stop(errUnfit)
		}
	}}
	err := t.start(reading, run{
		program: t.ffprobe,
		args: append([]string{"-v", "error", "-threads", strconv.Itoa(t.limits.Threads), "-select_streams", strconv.Itoa(info.Video.Index),
			"-skip_frame", "nokey", "-show_entries", steadyEntries, "-of", "compact=p=0"}, in.args(t.limits)...),
		input: in.Path, stdout: frames, limit: t.limits.Stall,
	})
	switch {
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	case errors.Is(err, errUnfit), errors.Is(err, errTimeout):
		return false, nil
	case err != nil:
		return false, unreadable(in, err)
	}
	return first != "" && alone >= keys, nil
}

// strangePixels reports whether a frame has pixels of a shape that is taken for a mistake: players would take it as it is.
func strangePixels(line string) bool {
	_, shape, _ := strings.Cut(line, "|sample_aspect_ratio=")
	shape, _, _ = strings.Cut(shape, "|")
	is := ratio(shape, ":")
	return is > 0 && !usualShape(is)
}
