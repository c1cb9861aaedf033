package media

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// maxFrameRate is that of outputs, in frames a second. Films say little about it: what counts is the distance of frames.
	maxFrameRate = 70
	// maxSampleRate is that of outputs, in Hz: players of HLS need not take more (Apple's devices do not).
	maxSampleRate = 48_000
	// maxWidth is that of outputs, in pixels: the encoder's.
	maxWidth = 16384
	// timeBase is the unit of timestamps of encoded pictures. ffmpeg's own is a frame, in which those of a variable rate do not fit.
	timeBase = "1:90000"
)

// Transcode makes all outputs of a ladder in dir, which is empty, with one
// process, from the streams that info names. Renditions larger than the video
// are left out, but for the smallest, which then has the video's own height.
// progress, which may be nil, is called with how much of the media is done. Media
// without a picture returns ErrNoPicture, media that cannot be decoded a
// [*Refusal]. After an error the directory is to be thrown away.
func (t *Tools) Transcode(ctx context.Context, in Input, info Info, l Ladder, dir string, progress func(time.Duration)) ([]Output, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	if info.Video == nil {
		return nil, ErrNoPicture
	}
	if err := info.Video.showable(); err != nil {
		return nil, err
	}
	if progress == nil {
		progress = func(time.Duration) {}
	}
	l.Renditions = fitting(l.Renditions, info.Video.Height)
	var film scan
	var err error
	if film, l.Remux, err = t.survey(ctx, in, info, l); err != nil {
		return nil, err
	}
	if l.Remux {
		var keys int // that segments may begin with
		if l.HLS {
			keys = film.track(info.Video.Index).keys
		}
		if l.Remux, err = t.steady(ctx, in, info, keys); err != nil {
			return nil, err
		}
	}
	if l.Remux {
		if film.torn, err = t.torn(ctx, in, info, film); err != nil {
			return nil, err
		}
	}
	outputs, err := t.transcode(ctx, in, info, film, l, dir, progress)
	if refusal, ok := errors.AsType[*Refusal](err); ok && refusal.Kind == Broken && l.Remux {
		// Decoders put up with more than muxers do.
		if err := l.clear(dir); err != nil {
			return nil, err
		}
		l.Remux = false
		outputs, err = t.transcode(ctx, in, info, film, l, dir, progress)
	}
	if err != nil {
		return nil, err
	}
	if outputs, err = t.collect(ctx, dir, l, outputs, film.length(info), info.Video.FrameRate); err != nil {
		return nil, err
	}
	if made, whole := outputs[len(outputs)-1].Info.Duration, film.length(info); !reaches(made, whole) {
		return nil, undecoded(made, whole)
	}
	return outputs, nil
}

// survey scans the film for a ladder, and finds out whether its packets can be
// taken as they are: all have their times, the first is a key frame, and key
// frames lie where segments are to begin. Renditions of HLS are cut alike, so
// that either all are remuxed or none is (RFC 8216, section 6.2.4).
func (t *Tools) survey(ctx context.Context, in Input, info Info, l Ladder) (film scan, remux bool, err error) {
	fits := 0
	for _, r := range l.Renditions {
		if r.fits(info) {
			fits++
		}
	}
	remux = l.Remux && fits > 0 && (!l.HLS || fits == len(l.Renditions))
	var cuts cutter
	if l.HLS {
		cuts.every = l.Segment
	}
	film, err = t.scan(ctx, in, info, func(p packet) { remux = remux && cuts.packet(p) })
	return film, remux && cuts.end() && film.copyable(info, l.HLS), err
}

// transcode makes the files.
func (t *Tools) transcode(ctx context.Context, in Input, info Info, film scan, l Ladder, dir string, progress func(time.Duration)) ([]Output, error) {
	outputs := make([]Output, len(l.Renditions))
	var splits, filters, last []string
	for i, r := range l.Renditions {
		outputs[i] = Output{Name: r.Name, Remuxed: l.Remux && r.fits(info)}
		if !outputs[i].Remuxed {
			splits = append(splits, fmt.Sprintf("[s%d]", i))
			filters = append(filters, fmt.Sprintf("[s%d]%s[v%d]", i, r.filter(*info.Video, t.limits), i))
		}
		if l.HLS {
			if err := t.makeDir(filepath.Join(dir, r.Name)); err != nil {
				return nil, err
			}
		}
		last = append(last, r.args(i, outputs[i].Remuxed, info, film, l, t.limits)...)
	}
	threads := strconv.Itoa(t.limits.Threads)
	var before []string
	if !film.started {
		before = []string{"-itsoffset", seconds(-film.start)}
	}
	if info.Video.TurnInFrames { // often in the first alone
		before = append(before, "-noautorotate")
	}
	args := append(quiet(), in.args(t.limits, slices.Concat(in.search(), before, []string{"-threads", threads})...)...)
	if len(splits) > 0 {
		frames := strings.Join(append(info.Video.deinterlaced(), ""), ",")
		// What comes too soon after a frame is dropped; nothing is shown twice to fill gaps.
		thin := fmt.Sprintf("[0:%d]%s%s%sselect='isnan(prev_selected_t)+gte(t-prev_selected_t,1/%d)'%s,split=%d",
			info.Video.Index, info.beginning(in), report(0, everySecond), frames, maxFrameRate, film.fill(info, l), len(splits))
		args = append(args, "-filter_complex_threads", threads,
			"-filter_complex", strings.Join(append([]string{thin + strings.Join(splits, "")}, filters...), ";"))
	}
	var decoded time.Duration
	err := t.start(ctx, run{program: t.ffmpeg, args: append(args, last...), input: in.Path, dir: dir, most: in.MaxResults, limit: t.limits.Stall, progress: progress,
		lines: func(line string) {
			if at, ok := reported(line); ok {
				decoded = max(decoded, at)
			}
		}})
	if err != nil {
		return nil, blame(err, Broken, "The media could not be decoded.")
	}
	if last := film.track(info.Video.Index).last; len(splits) > 0 && !reaches(decoded, last) {
		return nil, undecoded(decoded, last)
	}
	return outputs, nil
}

// reported reads the time of a frame, in seconds, from what [report] makes ffmpeg print.
func reported(line string) (time.Duration, bool) {
	_, at, ok := strings.Cut(line, "pts_time:")
	return duration(strings.TrimSpace(at)), ok && strings.HasPrefix(line, "frame:")
}

// makeDir makes a directory that the sandboxed program may write to.
func (t *Tools) makeDir(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	return t.sandbox.handOver(dir)
}

// clear removes what a run left.
func (l Ladder) clear(dir string) error {
	var errs []error
	for _, r := range l.Renditions {
		errs = append(errs, os.RemoveAll(filepath.Join(dir, r.Name)), os.RemoveAll(filepath.Join(dir, r.Name+".mp4")))
	}
	return errors.Join(errs...)
}

// filter makes the picture of an output: in the colors of 8-bit H.264, with square pixels and even sides.
func (r Rendition) filter(v Video, limits Limits) string {
	height := max(2, min(r.Height, v.Height)&^1)
	b := newBox(v, max(2, min(maxWidth, int(limits.Pixels)/height)&^1), height)
	if !v.TurnInFrames {
		b.turn = orientation{} // ffmpeg has done it
	}
	return strings.Join(v.toVideo(b), ",")
}

// args are the options of one output.
func (r Rendition) args(i int, remux bool, info Info, film scan, l Ladder, limits Limits) []string {
	var args []string
	if remux {
		args = append(args, "-map", fmt.Sprintf("0:%d", info.Video.Index), "-c:v", "copy")
	} else {
		args = append(args, "-map", fmt.Sprintf("[v%d]", i), "-fps_mode", "vfr", "-enc_time_base", timeBase, "-c:v", "libx264", "-preset", "veryfast",
			"-threads", strconv.Itoa(limits.Threads), "-flags", "+cgop", "-sc_threshold", "0")
		if r.VideoBitRate > 0 {
			rate := strconv.FormatInt(r.VideoBitRate, 10)
			args = append(args, "-b:v", rate, "-maxrate", rate, "-bufsize", strconv.FormatInt(2*r.VideoBitRate, 10))
		}
		if !l.HLS { // whose muxer would add it up
			args = append(args, "-bsf:v", "setts=pts=PTS:dts=DTS:duration="+seconds(film.held(info, l))+"/TB")
		} else {
			args = append(args, "-force_key_frames", "expr:gte(t,n_forced*"+seconds(l.Segment)+")")
			args = append(args, "-max_interleave_delta", strconv.FormatInt(film.encoding(info, l, limits).Microseconds(), 10))
		}
		// Reordered frames would be cut off from their sound in HLS, and from the end in MP4, whose length ffmpeg 7 takes from when
		// the last frame is decoded.
		if film.gaps(info, l) || 2*film.track(info.Video.Index).gap > together {
			args = append(args, "-bf", "0")
		}
	}
	if info.Audio != nil {
		args = append(args, "-map", fmt.Sprintf("0:%d", info.Audio.Index))
		switch {
		case remux && film.torn:
			args = append(args, "-c:a", "copy", "-bsf:a", film.withoutLast(info.Audio.Index))
		case remux:
			args = append(args, "-c:a", "copy")
		default:
			rate := r.AudioBitRate
			setDefault(&rate, defaultRate)
			args = append(args, "-af", info.skipLead("a")+film.sound(info, l), "-c:a", "aac", "-ac", strconv.Itoa(min(2, max(1, info.Audio.Channels))), "-b:a", strconv.FormatInt(rate, 10))
			if info.Audio.SampleRate > maxSampleRate {
				args = append(args, "-ar", strconv.Itoa(maxSampleRate))
			}
		}
	}
	args = append(args, "-map_metadata", "-1", "-map_chapters", "-1")
	if !l.HLS {
		return append(args, "-movflags", "+faststart", "-f", "mp4", "file:"+r.Name+".mp4")
	}
	return append(args, "-f", "hls", "-hls_time", seconds(l.Segment), "-hls_playlist_type", "vod", "-hls_flags", "independent_segments",
		"-hls_segment_filename", "file:"+r.Name+"/%05d.ts", "file:"+r.Name+"/"+mediaList)
}
