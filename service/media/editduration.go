package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// SetEditDurations sets the duration of an edit in MP4 without fragments, in the file itself, where the edit is the only
// one of its track and has the duration 0: it lasts to the end, as ISO/IEC 14496-12 says of fragments and as players show
// it elsewhere, too. ffmpeg shows nothing of it. Other files are not changed.
func SetEditDurations(path string) (err error) {
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
		t, err := readZeroEdit(track)
		if unlessShort(err) != nil {
			return err
		}
		if t.list == nil {
			continue
		}
		if err := t.setDuration(file, movie.scale); err != nil {
			return fmt.Errorf("write an edit list: %w", err)
		}
	}
	return nil
}

// zeroEditTrack is a track whose only edit has the duration 0.
type zeroEditTrack struct {
	list     *io.SectionReader // nil where it is not so
	edit     edit
	scale    uint32 // units a second
	duration uint64 // of the track, in these
}

func readZeroEdit(track *io.SectionReader) (t zeroEditTrack, err error) {
	_, err = eachBox(track, func(kind string, parent *io.SectionReader) (bool, error) {
		if kind != "mdia" && kind != "edts" {
			return false, nil
		}
		return eachBox(parent, func(kind string, content *io.SectionReader) (bool, error) {
			var err error
			switch kind {
			case "mdhd":
				t.scale, t.duration, err = clock(content)
			case "elst":
				if t.edit, err = onlyEdit(content); err == nil && t.edit.zero() && t.edit.rate == normalRate {
					t.list = content
				}
			}
			return false, err
		})
	})
	return t, err
}

// onlyEdit returns the edit of a list that has no other one, but for an empty edit before it.
func onlyEdit(list *io.SectionReader) (edit, error) {
	var header [8]byte
	if _, err := list.ReadAt(header[:], 0); err != nil {
		return edit{}, err
	}
	last := int64(binary.BigEndian.Uint32(header[4:])) - 1
	first, err := readEdit(list, header[0] == 1, 0)
	if err != nil || last == 0 {
		return first, err
	}
	if last != 1 || first.mediaTime >= 0 {
		return edit{}, nil
	}
	return readEdit(list, header[0] == 1, 1)
}

// setDuration writes how long the edit is, in units of the movie: a second is added, as far as it is hidden before the
// edit, for frames that are shown later than they are decoded.
func (t zeroEditTrack) setDuration(file io.WriterAt, scale uint32) error {
	units := float64(t.duration) - math.Max(0, float64(t.edit.mediaTime)-float64(t.scale))
	duration := math.Ceil(units / float64(t.scale) * float64(scale))
	if t.scale == 0 || duration < 1 || duration > math.MaxUint32 {
		return nil
	}
	field := binary.BigEndian.AppendUint32(nil, uint32(duration))
	if t.edit.wide {
		field = binary.BigEndian.AppendUint64(nil, uint64(duration))
	}
	_, err := file.WriteAt(field, offset(t.list)+t.edit.at)
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
