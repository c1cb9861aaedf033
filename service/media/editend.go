package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// EndEdits gives the edit lists of MP4 without fragments a length, in the file itself, where a track has one part, and
// that part none: it lasts to the end, as ISO/IEC 14496-12 says of fragments and as players show it elsewhere, too.
// ffmpeg shows nothing of it. Other files are not changed.
func EndEdits(path string) (err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // the caller's own file
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	movie, err := readMovie(file)
	if err != nil || movie.fragmented {
		return err
	}
	for _, track := range movie.tracks {
		t, err := readEndless(track)
		if unlessShort(err) != nil {
			return err
		}
		if t.list == nil {
			continue
		}
		if err := t.end(file, movie.scale); err != nil {
			return fmt.Errorf("write an edit list: %w", err)
		}
	}
	return nil
}

// endlessTrack is a track of whose edit list the only part has no length.
type endlessTrack struct {
	list   *io.SectionReader // nil where it is not so
	part   edit
	scale  uint32 // units a second
	length uint64 // in these
}

func readEndless(track *io.SectionReader) (t endlessTrack, err error) {
	_, err = eachBox(track, func(kind string, parent *io.SectionReader) (bool, error) {
		if kind != "mdia" && kind != "edts" {
			return false, nil
		}
		return eachBox(parent, func(kind string, content *io.SectionReader) (bool, error) {
			var err error
			switch kind {
			case "mdhd":
				t.scale, t.length, err = clock(content)
			case "elst":
				if t.part, err = lastEdit(content); err == nil && t.part.endless() && t.part.speed == normalSpeed {
					t.list = content
				}
			}
			return false, err
		})
	})
	return t, err
}

// lastEdit returns the part of a list that has no other one, but for a delay before it.
func lastEdit(list *io.SectionReader) (edit, error) {
	var header [8]byte
	if _, err := list.ReadAt(header[:], 0); err != nil {
		return edit{}, err
	}
	last := int64(binary.BigEndian.Uint32(header[4:])) - 1
	first, err := readEdit(list, header[0] == 1, 0)
	if err != nil || last == 0 {
		return first, err
	}
	if last != 1 || first.start >= 0 {
		return edit{}, nil
	}
	return readEdit(list, header[0] == 1, 1)
}

// end writes how long the part is, in units of the movie: a second is added, as far as it is hidden before the part, for
// frames that are shown later than they are decoded.
func (t endlessTrack) end(file io.WriterAt, scale uint32) error {
	units := float64(t.length) - math.Max(0, float64(t.part.start)-float64(t.scale))
	length := math.Ceil(units / float64(t.scale) * float64(scale))
	if t.scale == 0 || length < 1 || length > math.MaxUint32 {
		return nil
	}
	field := binary.BigEndian.AppendUint32(nil, uint32(length))
	if t.part.wide {
		field = binary.BigEndian.AppendUint64(nil, uint64(length))
	}
	_, err := file.WriteAt(field, offset(t.list)+t.part.at)
	return err
}

// offset is where a section of sections begins in the file.
func offset(section *io.SectionReader) (at int64) {
	for {
		outer, start, _ := section.Outer()
		at += start
		parent, ok := outer.(*io.SectionReader)
		if !ok {
			return at
		}
		section = parent
	}
}
