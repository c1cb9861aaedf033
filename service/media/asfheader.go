package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"time"
)

// maxASFHeader is how much of a file is searched for its file properties, in bytes: they come early.
const maxASFHeader = 1 << 20

// fileProperties is the GUID of the object with what ASF says of the file as a whole.
var fileProperties = []byte{0xa1, 0xdc, 0xab, 0x8c, 0x47, 0xa9, 0xcf, 0x11, 0x8e, 0xe4, 0x00, 0xc0, 0x0c, 0x20, 0x53, 0x65}

// asfDuration reads how long an ASF file says it is (ASF specification, 3.2), which ffmpeg keeps back where the file is
// much shorter than it says. It is 0 where the file does not say it.
func asfDuration(path string) (time.Duration, error) {
	file, err := os.Open(path) //nolint:gosec // the caller's own file
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }() // only read
	head := make([]byte, maxASFHeader)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, err
	}
	_, after, found := bytes.Cut(head[:n], fileProperties)
	if !found || len(after) < 76 {
		return 0, nil
	}
	const unit, broadcast = 100, 1 // nanoseconds; the flag of a header that was written before the rest was known
	length, preroll := binary.LittleEndian.Uint64(after[48:]), binary.LittleEndian.Uint64(after[64:])
	if binary.LittleEndian.Uint32(after[72:])&broadcast != 0 || length > uint64(maxEdit)/unit || preroll > uint64(maxEdit/time.Millisecond) {
		return 0, nil
	}
	return max(0, time.Duration(length*unit)-time.Duration(preroll)*time.Millisecond), nil //nolint:gosec // bounded
}
