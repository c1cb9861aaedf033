package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
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
// with it is no fault of the media, whose length and frame rate are given.
func (t *Tools) collect(ctx context.Context, dir string, l Ladder, outputs []Output, length time.Duration, frameRate float64) ([]Output, error) {
	var variants []variant
	for i := range outputs {
		o := &outputs[i]
		look := t.collectMP4
		if l.HLS {
			look = func(ctx context.Context, dir string, o *Output) error {
				v, err := t.collectHLS(ctx, dir, o, length, frameRate)
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
	path := filepath.Join(dir, o.Files[0])
	if o.Info, err = t.describe(ctx, Input{Path: path, Type: "MP4"}); err != nil {
		return err
	}
	file, err := os.Stat(path)
	if err != nil {
		return err
	}
	o.Info.Size = file.Size()
	return nil
}

// collectHLS describes an HLS output by its first segment and its playlist, and by the film, where that segment has too few
// frames to tell their rate.
func (t *Tools) collectHLS(ctx context.Context, dir string, o *Output, length time.Duration, frameRate float64) (variant, error) {
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
	if o.Info, err = t.describe(ctx, first); err != nil {
		return variant{}, err
	}
	o.Info.Container, o.Info.Size, o.Info.Duration = "HLS", list.size(), list.length()
	o.Info.BitRate = rate(o.Info.Size, o.Info.Duration)
	setDefault(&o.Info.Video.FrameRate, min(frameRate, maxFrameRate))
	codecs, err := codecs(first.Path, o.Info)
	if err != nil {
		return variant{}, err
	}
	return variant{name: o.Files[0], list: list, video: *o.Info.Video, codecs: codecs}, nil
}

// codecs names the codecs of a TS segment with H.264 as RFC 6381 does, with the
// profile and level that its parameter set has.
func codecs(path string, info Info) (string, error) {
	stream, err := firstPicture(path)
	if err != nil {
		return "", err
	}
	name, err := avc1(stream)
	if err == nil && info.Audio != nil {
		name += ",mp4a.40.2"
	}
	return name, err
}

// firstPicture returns how the first picture of a TS segment begins, with the headers that its packets have.
func firstPicture(path string) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // our own file
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()                      // only read
	packets, err := io.ReadAll(io.LimitReader(file, 64<<10)) // parameter sets come first
	if err != nil {
		return nil, err
	}
	var stream []byte
	picture := -1
	for p := range slices.Chunk(packets, packetSize) {
		if len(p) < packetSize {
			break
		}
		if h := pesHeader(p); picture < 0 && h != nil && h[3]&0xf0 == 0xe0 {
			picture = int(pidOf(p))
		}
		if int(pidOf(p)) == picture {
			stream = append(stream, payload(p)...)
		}
	}
	return stream, nil
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
