package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

const (
	// leastRIFF is the part, one in so many, by which a file of RIFF may be shorter than it says: some writers count wrong.
	leastRIFF = 10
	// openRIFF is the least size that writers leave in a header until they know better.
	openRIFF = 0x7fff_0000
	// maxRIFF is how many chunks of a file are looked at; each may have a gigabyte or more.
	maxRIFF = 10_000
)

// cutRIFF refuses AVI and WAV that have fewer bytes than they say: ffmpeg takes their end for that of the film.
func cutRIFF(path, demuxer string) error {
	if demuxer != "avi" && demuxer != "wav" {
		return nil
	}
	file, err := os.Open(path) //nolint:gosec // the caller's own file
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // only read
	info, err := file.Stat()
	if err != nil {
		return err
	}
	var header [8]byte
	for at, n := int64(0), 0; n < maxRIFF; n++ { // large AVI has several chunks
		if _, err := file.ReadAt(header[:], at); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		size := int64(binary.LittleEndian.Uint32(header[4:]))
		if string(header[:4]) != "RIFF" || size < 4 || size >= openRIFF {
			return nil
		}
		if at += 8 + size + size%2; at-info.Size() > at/leastRIFF {
			return &Refusal{Kind: Broken, Reason: fmt.Sprintf("The file says that it has %d bytes, and has %d: it was cut off. Upload it again.", at, info.Size())}
		}
	}
	return nil
}
