package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"
)

// Output is one result: a rendition, or the master playlist of HLS, which has no Name and comes first.
type Output struct {
	Name    string
	Files   []string // relative to the directory, with slashes: the playlist or the MP4 first, then its segments in order
	Info    Info     // zero for the master playlist
	Remuxed bool
}

// collect looks at what was made, and writes the master playlist. What is wrong
// with it is no fault of the media, whose length is given.
func (t *Tools) collect(ctx context.Context, dir string, l Ladder, outputs []Output, length time.Duration) ([]Output, error) {
	var variants []variant
	for i := range outputs {
		o := &outputs[i]
		look := t.collectMP4
		if l.HLS {
			look = func(ctx context.Context, dir string, o *Output) error {
				v, err := t.collectHLS(ctx, dir, o, length)
				variants = append(variants, v)
				return err
			}
		}
		if err := look(ctx, dir, o); err != nil {
			if refusal, ok := errors.AsType[*Refusal](err); ok {
				err = errors.New(refusal.Error())
			}
			return nil, fmt.Errorf("look at output %s: %w", o.Name, err)
		}
	}
	if !l.HLS {
		return outputs, nil
	}
	if err := writePlaylists(dir, variants); err != nil {
		return nil, err
	}
	return append([]Output{{Files: []string{master}}}, outputs...), nil
}

func (t *Tools) collectMP4(ctx context.Context, dir string, o *Output) (err error) {
	o.Files = []string{o.Name + ".mp4"}
	o.Info, err = t.Probe(ctx, Input{Path: filepath.Join(dir, o.Files[0]), Type: "MP4"})
	return err
}

// collectHLS describes an HLS output by its first segment and its playlist.
func (t *Tools) collectHLS(ctx context.Context, dir string, o *Output, length time.Duration) (variant, error) {
	o.Files = []string{o.Name + "/" + mediaList}
	list, err := readPlaylist(dir, o.Files[0])
	if err != nil {
		return variant{}, err
	}
	list.extend(length)
	for _, s := range list.segments {
		o.Files = append(o.Files, o.Name+"/"+s.name)
	}
	first := Input{Path: filepath.Join(dir, o.Files[1]), Type: "TS"}
	if o.Info, err = t.Probe(ctx, first); err != nil {
		return variant{}, err
	}
	o.Info.Container, o.Info.Size, o.Info.Duration = "HLS", list.size(), list.length()
	o.Info.BitRate = rate(o.Info.Size, o.Info.Duration)
	codecs, err := t.codecs(ctx, first, o.Info)
	if err != nil {
		return variant{}, err
	}
	return variant{name: o.Files[0], list: list, video: *o.Info.Video, codecs: codecs}, nil
}

// codecs names the codecs of a TS segment with H.264 as RFC 6381 does, with the
// profile and level that its parameter set has.
func (t *Tools) codecs(ctx context.Context, in Input, info Info) (string, error) {
	if info.Video == nil {
		return "", errors.New("the first segment has no picture")
	}
	frame := &head{limit: 64 << 10} // parameter sets come first
	args := append(append([]string{"-nostdin", "-v", "error"}, in.args(t.limits, in.search()...)...),
		"-map", "0:"+strconv.Itoa(info.Video.Index), "-c", "copy", "-frames:v", "1", "-f", "h264", "pipe:1")
	if err := t.start(ctx, run{program: t.ffmpeg, args: args, input: in.Path, stdout: frame, limit: t.limits.Probe}); err != nil {
		return "", err
	}
	name, err := avc1(frame.kept)
	if err == nil && info.Audio != nil {
		name += ",mp4a.40.2"
	}
	return name, err
}

// avc1 reads profile, constraints and level from the first sequence parameter set of an H.264 byte stream.
func avc1(stream []byte) (string, error) {
	const parameterSet = 7
	for {
		_, rest, found := bytes.Cut(stream, []byte{0, 0, 1})
		if !found || len(rest) < 4 {
			return "", errors.New("the first frame has no parameter set")
		}
		if rest[0]&0x1f == parameterSet {
			return fmt.Sprintf("avc1.%X", rest[1:4]), nil
		}
		stream = rest
	}
}

// head keeps the first bytes that are written to it.
type head struct {
	limit int
	kept  []byte
}

func (h *head) Write(b []byte) (int, error) {
	h.kept = append(h.kept, b[:min(len(b), h.limit-len(h.kept))]...)
	return len(b), nil
}
