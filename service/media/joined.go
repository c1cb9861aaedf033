package media

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
)

// errJoined refuses recordings that were put one behind the other in a container that has one timeline.
var errJoined = &Refusal{Kind: Broken, Reason: "The file consists of several recordings, one behind the other, each with timestamps of its own: " +
	"join them with a program that writes one timeline, or upload them one by one."}

// chunk is what a container consists of at its top level, as far as it matters here.
type chunk struct {
	size  int64 // in bytes, with its header; 0 or less: the last one
	first bool  // only the first one of a file is of this kind
}

// chunked are the demuxers that end where another file of their format follows, or pass it over, and say nothing; with
// where the first chunk begins, how long a header is, and how it is read.
var chunked = map[string]struct {
	start  int64
	header int
	read   func([]byte) chunk
}{
	"flv": {13, 11, func(h []byte) chunk {
		switch h[0] & 0x1f { // without the flag of encryption
		case 8, 9, 18: // sound, picture, data
			return chunk{size: 11 + int64(h[1])<<16 + int64(h[2])<<8 + int64(h[3]) + 4}
		}
		return chunk{first: string(h[:3]) == "FLV"}
	}},
	"asf": {0, 24, func(h []byte) chunk {
		return chunk{size: int64(binary.LittleEndian.Uint64(h[16:])), first: string(h[:8]) == "\x30\x26\xb2\x75\x8e\x66\xcf\x11"} //nolint:gosec // checked
	}},
	"mov": {0, 16, func(h []byte) chunk {
		size := int64(binary.BigEndian.Uint32(h))
		if size == 1 {
			size = int64(binary.BigEndian.Uint64(h[8:])) //nolint:gosec // checked
		}
		return chunk{size: size, first: string(h[4:8]) == "moov"}
	}},
	"avi": {0, 12, riff("AVI ")}, // ffmpeg goes on into the next one, and leaves its sound where the one before ended
	"wav": {0, 12, riff("WAVE")},
}

// riff reads the chunks of RIFF, of which the first one has the type of the file.
func riff(kind string) func([]byte) chunk {
	return func(h []byte) chunk {
		size := int64(binary.LittleEndian.Uint32(h[4:]))
		return chunk{size: 8 + size + size%2, first: string(h[:4]) == "RIFF" && string(h[8:]) == kind}
	}
}

// maxChunks bounds the search; a film of a day has fewer.
const maxChunks = 10_000_000

// joined reports whether another file of the same format follows the first one in a file.
func joined(ctx context.Context, path, demuxer string) (bool, error) {
	kind, ok := chunked[demuxer]
	if !ok {
		return false, nil
	}
	file, err := os.Open(path) //nolint:gosec // the caller's own file
	if err != nil {
		return false, err
	}
	defer func() { _ = file.Close() }() // only read
	header, seen := make([]byte, kind.header), demuxer == "flv"
	for at, n := kind.start, 0; n < maxChunks; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return false, ctx.Err()
		}
		switch _, err := file.ReadAt(header, at); {
		case errors.Is(err, io.EOF):
			return false, nil
		case err != nil:
			return false, err
		}
		c := kind.read(header)
		if c.first && seen {
			return true, nil
		}
		seen = seen || c.first
		if c.size < int64(kind.header)/2 || at+c.size < at {
			return false, nil
		}
		at += c.size
	}
	return false, nil
}
