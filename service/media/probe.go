package media

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// Probe looks into a file with the demuxer of its video type. A file that is
// something else, that cannot be read, or that is beyond the limits returns a
// [*Refusal].
func (t *Tools) Probe(ctx context.Context, in Input) (Info, error) {
	if !in.known() {
		return Info{}, &Refusal{Kind: Mismatch, Reason: fmt.Sprintf("%.20q is not a video type.", in.Type)}
	}
	file, err := os.Stat(in.Path)
	if err != nil {
		return Info{}, fmt.Errorf("probe: %w", err)
	}
	if file.Size() == 0 {
		return Info{}, &Refusal{Kind: Broken, Reason: "The file is empty."}
	}
	if encrypted, err := encrypted(in.Path, in.format().Demuxer); err != nil {
		return Info{}, fmt.Errorf("probe: %w", err)
	} else if encrypted {
		return Info{}, errEncrypted(in)
	}
	if joined, err := joined(ctx, in.Path, in.format().Demuxer); err != nil {
		return Info{}, fmt.Errorf("probe: %w", err)
	} else if joined {
		return Info{}, errJoined
	}
	if err := cutRIFF(in.Path, in.format().Demuxer); err != nil {
		return Info{}, err
	}
	var edits []editList
	if in.format().Demuxer == "mov" {
		if edits, err = editLists(in.Path); err != nil {
			return Info{}, fmt.Errorf("probe: %w", err)
		}
	}
	info, packets, err := t.look(ctx, in)
	if err != nil {
		return Info{}, err
	}
	info.Size = file.Size()
	info.Lead = packets.lead
	if info.Video != nil {
		info.Delay, info.Restarts = packets.delay(*info.Video), packets.track(info.Video.Index).restarts
	}
	if info.Duration = packets.length(info); info.Video != nil && packets.track(info.Video.Index).packets == 0 {
		return Info{}, errNoFrames(edits)
	}
	switch {
	case info.Duration > t.limits.Duration:
		return Info{}, &Refusal{Kind: TooBig, Reason: fmt.Sprintf("The media is %s long; at most %s are supported.", info.Duration, t.limits.Duration)}
	case info.Duration <= 0:
		return Info{}, &Refusal{Kind: Broken, Reason: "The media has no length: nothing in it can be played."}
	case onlySound[in.format().Demuxer] && float64(info.Size)*8 > maxSound*info.Duration.Seconds():
		return Info{}, &Refusal{Kind: Broken, Reason: "The file contains almost no audio data."}
	}
	if info.BitRate == 0 {
		info.BitRate = int64(float64(info.Size) * 8 / info.Duration.Seconds())
	}
	if in.format().Demuxer == "asf" && packets.duration == 0 {
		if packets.duration, err = asfDuration(in.Path); err != nil {
			return Info{}, fmt.Errorf("probe: %w", err)
		}
	}
	if err := cmp.Or(packets.checkEdits(edits, info), packets.complete(in, info)); err != nil {
		return Info{}, err
	}
	if info.Video != nil {
		if err := t.sample(ctx, in, &info); err != nil {
			return Info{}, err
		}
	}
	return info, nil
}

// look describes a file and scans it, and does so again when a cover was taken for its picture.
func (t *Tools) look(ctx context.Context, in Input) (info Info, packets scan, err error) {
	var covers []int
	for range 2 {
		if info, err = t.describe(ctx, in, covers...); err != nil {
			return Info{}, scan{}, err
		}
		if packets, err = t.scan(ctx, in, info, nil); err != nil {
			return Info{}, scan{}, err
		}
		if covers = packets.covers(info); len(covers) == 0 {
			break
		}
	}
	return info, packets, nil
}

// describe returns what the container of a file says of it, as if it had no streams of some indexes.
func (t *Tools) describe(ctx context.Context, in Input, without ...int) (Info, error) {
	out, said := &bounded{limit: maxDescription}, new(tail)
	err := t.start(ctx, run{
		program: t.ffprobe,
		args: append([]string{"-v", "error", "-threads", strconv.Itoa(t.limits.Threads), "-show_entries", entries, "-of", "json=compact=1"},
			in.args(t.limits, in.search()...)...),
		input:  in.Path,
		stdout: out,
		said:   said,
		limit:  t.limits.Probe,
	})
	if out.over {
		return Info{}, &Refusal{Kind: TooBig, Reason: "The file holds more streams than are supported.", Err: err}
	}
	if err != nil {
		return Info{}, unreadable(in, err)
	}
	info, err := describe(out.kept, in, t.limits, without...)
	if reason := beyond(said.String()); err != nil && reason != "" { // ffprobe leaves out what it may not look at
		err = &Refusal{Kind: TooBig, Reason: reason, Err: err}
	}
	return info, err
}

// unreadable is what the failure of a program means that only read the file.
func unreadable(in Input, err error) error {
	if e, ok := errors.AsType[*exitError](err); ok && strings.Contains(e.said, "moov atom not found") && beginsLikeMP4(in.Path) {
		return blame(err, Broken, "The file has no index, which mostly stands at its end: it was cut off. Upload it again.")
	}
	return blame(err, Mismatch, fmt.Sprintf("The file cannot be read as %s: it is another format, or broken.", in.Type))
}

// beginsLikeMP4 reports whether a file's first box is what it is in MP4 and its family.
func beginsLikeMP4(path string) bool {
	file, err := os.Open(path) //nolint:gosec // the caller's own file
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }() // only read
	var first [8]byte
	_, err = io.ReadFull(file, first[:])
	return err == nil && string(first[4:]) == "ftyp"
}

// onlySound names the demuxers that see a sound in anything, and whose files hold nothing but sound.
var onlySound = map[string]bool{"aac": true, "ac3": true}

// maxSound is more than any of their streams has, in bit/s.
const maxSound = 10e6

// quiet are the first arguments of every ffmpeg.
func quiet() []string {
	return []string{"-nostdin", "-hide_banner", "-loglevel", "error", "-y", "-progress", "pipe:1", "-stats_period", "0.5"}
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 6, 64) }
