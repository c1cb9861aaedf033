package media

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
)

// maxBoxes bounds how many boxes are looked at in one parent, and how many edits in one list.
const maxBoxes = 10_000

// eachBox calls do with the type and the content of the boxes of MP4 (ISO/IEC 14496-12, 4.2) that lie in a parent, in
// their order, until it reports true, which eachBox returns. A box that ends beyond its parent is cut off there.
func eachBox(parent *io.SectionReader, do func(kind string, content *io.SectionReader) (bool, error)) (bool, error) {
	var header [16]byte
	for at, n := int64(0), 0; at+8 <= parent.Size() && n < maxBoxes; n++ {
		if _, err := parent.ReadAt(header[:8], at); err != nil {
			return false, err
		}
		size, start := int64(binary.BigEndian.Uint32(header[:])), int64(8)
		switch size {
		case 0: // up to the end
			size = parent.Size() - at
		case 1:
			if _, err := parent.ReadAt(header[8:], at+8); err != nil {
				return false, err
			}
			size, start = int64(binary.BigEndian.Uint64(header[8:])&(1<<63-1)), 16
		}
		size = min(size, parent.Size()-at)
		if size < start {
			return false, nil
		}
		if stop, err := do(string(header[4:8]), io.NewSectionReader(parent, at+start, size-start)); stop || err != nil {
			return stop, err
		}
		at += size
	}
	return false, nil
}

// unlessShort leaves it to ffprobe to say that a file is cut off.
func unlessShort(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// movie is what a file of MP4 says of all of itself.
type movie struct {
	fragmented bool
	scale      uint32              // units a second
	tracks     []*io.SectionReader // what their boxes hold, in the order of ffmpeg's streams
}

// readMovie reads the movie of a file as far as it is not cut off; other files have no tracks.
func readMovie(file *os.File) (m movie, err error) {
	info, err := file.Stat()
	if err != nil {
		return movie{}, err
	}
	_, err = eachBox(io.NewSectionReader(file, 0, info.Size()), func(kind string, content *io.SectionReader) (bool, error) {
		if kind != "moov" {
			return false, nil
		}
		return eachBox(content, func(kind string, content *io.SectionReader) (bool, error) {
			var err error
			switch kind {
			case "mvex":
				m.fragmented = true
			case "mvhd":
				m.scale, _, err = clock(content)
			case "trak":
				m.tracks = append(m.tracks, content)
			}
			return false, unlessShort(err)
		})
	})
	return m, unlessShort(err)
}

// clock reads the units a second of a movie or of a track's media, and how many of them it lasts, from its header.
func clock(header *io.SectionReader) (scale uint32, length uint64, err error) {
	b := make([]byte, 20)
	if _, err := header.ReadAt(b, 0); err != nil {
		return 0, 0, err
	}
	if b[0] == 1 { // with times of 64 bits
		b = make([]byte, 32)
		_, err = header.ReadAt(b, 0)
		return binary.BigEndian.Uint32(b[20:]), binary.BigEndian.Uint64(b[24:]), err
	}
	return binary.BigEndian.Uint32(b[12:]), uint64(binary.BigEndian.Uint32(b[16:])), nil
}
