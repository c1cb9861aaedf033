package media

import (
	"encoding/binary"
	"errors"
	"io"
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
