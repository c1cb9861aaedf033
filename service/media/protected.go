package media

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
)

// errEncrypted refuses a file that is encrypted in its container, for which nobody has given the key.
func errEncrypted(in Input) error {
	return &Refusal{Kind: Broken, Reason: fmt.Sprintf(
		"The %s file is encrypted (DRM): it can only be played with a key, which the service does not have. Upload it without encryption.", in.Type)}
}

// searched is how much of a file is searched for signs of encryption, in bytes, where they have no fixed place.
const searched = 4 << 20

// signs are those of encryption in the first bytes of files, by demuxer: of ASF
// the GUIDs of the content encryption objects, of MXF the label of the encrypted
// essence container and the key of the encrypted triplet.
var signs = map[string][][]byte{
	"asf": {
		{0xfb, 0xb3, 0x11, 0x22, 0x23, 0xbd, 0xd2, 0x11, 0xb4, 0xb7, 0x00, 0xa0, 0xc9, 0x55, 0xfc, 0x6e},
		{0x14, 0xe6, 0x8a, 0x29, 0x22, 0x26, 0x17, 0x4c, 0xb9, 0x35, 0xda, 0xe0, 0x7e, 0xe9, 0x28, 0x9c},
	},
	"mxf": {
		{0x06, 0x0e, 0x2b, 0x34, 0x04, 0x01, 0x01, 0x07, 0x0d, 0x01, 0x03, 0x01, 0x02, 0x0b, 0x01, 0x00},
		{0x06, 0x0e, 0x2b, 0x34, 0x02, 0x04, 0x01, 0x01, 0x0d, 0x01, 0x03, 0x01, 0x02, 0x7e, 0x01, 0x00},
	},
}

// encrypted reports whether a file shows that its samples are encrypted. ffmpeg
// decodes such samples as if they were not, and says nothing. Matroska is not
// read here: ffprobe names the key.
func encrypted(path, demuxer string) (bool, error) {
	file, err := os.Open(path) //nolint:gosec // the caller's own file
	if err != nil {
		return false, err
	}
	defer func() { _ = file.Close() }() // only read
	switch demuxer {
	case "mov":
		info, err := file.Stat()
		if err != nil {
			return false, err
		}
		found, err := encryptedEntry(io.NewSectionReader(file, 0, info.Size()), 0)
		return found, unlessShort(err)
	case "mpegts":
		head, err := io.ReadAll(io.LimitReader(file, searched))
		return scrambled(head), err
	}
	if signs[demuxer] == nil {
		return false, nil
	}
	head, err := io.ReadAll(io.LimitReader(file, searched))
	for _, sign := range signs[demuxer] {
		if bytes.Contains(head, sign) {
			return true, err
		}
	}
	return false, err
}

// parents are the boxes of MP4 on the way to sample descriptions, and how many bytes of their own come before their first child.
var parents = map[string]int64{"moov": 0, "trak": 0, "mdia": 0, "minf": 0, "stbl": 0, "stsd": 8}

// protectedEntries are the sample entries of protected media (ISO/IEC 14496-12, 8.12), and those of Apple's.
var protectedEntries = map[string]bool{"encv": true, "enca": true, "drmi": true, "drms": true}

// maxDepth is the depth of sample entries.
const maxDepth = 6

// encryptedEntry looks for a sample description of protected video or audio in boxes of MP4.
func encryptedEntry(boxes *io.SectionReader, depth int) (bool, error) {
	return eachBox(boxes, func(kind string, content *io.SectionReader) (bool, error) {
		own, parent := parents[kind]
		switch {
		case depth == maxDepth:
			return protectedEntries[kind], nil
		case !parent || content.Size() < own:
			return false, nil
		}
		return encryptedEntry(io.NewSectionReader(content, own, content.Size()-own), depth+1)
	})
}

// fewScrambled is how many packets in a row must say that they are scrambled: one may be broken.
const fewScrambled = 10

// scrambled reports whether packets of MPEG-TS are: of one PID, several in a row with the transport scrambling control set.
func scrambled(head []byte) bool {
	const sync = 0x47
	for _, size := range []int{packetSize, packetSize + 4} { // plain, or with a timestamp before each packet
		for start := size - packetSize; start+4 <= len(head) && start < 2*size; start++ {
			if head[start] != sync || start+2*size < len(head) && (head[start+size] != sync || head[start+2*size] != sync) {
				continue
			}
			row := map[uint16]int{}
			for at := start; at+4 <= len(head); at += size {
				pid := binary.BigEndian.Uint16(head[at+1:]) & 0x1fff
				if head[at] != sync || head[at+3]>>6 < 2 { // 1 is reserved
					row[pid] = 0
				} else if row[pid]++; row[pid] >= fewScrambled {
					return true
				}
			}
			return false
		}
	}
	return false
}
