package media

import "bytes"

// Packets of MPEG-TS, as ISO/IEC 13818-1 lays them out.
const (
	syncByte = 0x47
	// unitStart is the flag of a packet in which a PES packet begins.
	unitStart = 0x40
	// Flags of the adaptation field, and of what follows the header.
	hasField, hasPayload, hasPCR = 0x20, 0x10, 0x10
	// Flags of a PES header.
	hasPTS, hasDTS = 0x80, 0x40
	// randomAccess is the flag of an adaptation field before a key frame.
	randomAccess = 0x40
)

// payload returns what a packet carries, or nil.
func payload(p []byte) []byte {
	if p[3]&hasPayload == 0 {
		return nil
	}
	at := 4
	if p[3]&hasField != 0 {
		at += 1 + int(p[4])
	}
	return p[min(at, len(p)):]
}

// pesHeader is where the PES header of a packet has its timestamps, or nil where none begins that has any.
func pesHeader(p []byte) []byte {
	h := payload(p)
	if p[1]&unitStart == 0 || len(h) < 14 {
		return nil
	}
	moving := h[3] >= 0xc0 && h[3] <= 0xef || h[3] == 0xbd || h[3] == 0xfd // sound, pictures, and what came later
	if h[0] != 0 || h[1] != 0 || h[2] != 1 || !moving || h[6]&0xc0 != 0x80 || h[7]&hasPTS == 0 {
		return nil
	}
	if h[7]&hasDTS != 0 && len(h) < 19 {
		return nil
	}
	return h
}

// timestampOf reads when the frame that begins in a packet is decoded, in ticks of 90 kHz.
func timestampOf(p []byte) (pid uint16, at int64, ok bool) {
	h := pesHeader(p)
	if h == nil {
		return 0, 0, false
	}
	if at = stamp(h[9:]); h[7]&hasDTS != 0 {
		at = stamp(h[14:])
	}
	return uint16(p[1]&0x1f)<<8 | uint16(p[2]), at, true
}

// stamp reads a timestamp of 33 bits from 5 bytes.
func stamp(b []byte) int64 {
	return int64(b[0]>>1&7)<<30 | int64(b[1])<<22 | int64(b[2]>>1)<<15 | int64(b[3])<<7 | int64(b[4]>>1)
}

// setStamp writes one, and leaves the bits between its parts.
func setStamp(b []byte, at int64) {
	b[0] = b[0]&^0xe | byte(at>>30&7)<<1
	b[1] = byte(at >> 22)
	b[2] = b[2]&1 | byte(at>>15)<<1
	b[3] = byte(at >> 7)
	b[4] = b[4]&1 | byte(at)<<1
}

// move adds an offset to all timestamps of a packet.
func move(p []byte, offset int64) {
	if p[3]&hasField != 0 && p[4] >= 7 && p[5]&hasPCR != 0 {
		b := p[6:11]
		at := int64(b[0])<<25 | int64(b[1])<<17 | int64(b[2])<<9 | int64(b[3])<<1 | int64(b[4]>>7)
		at = (at + offset) & (wrap - 1)
		b[0], b[1], b[2], b[3] = byte(at>>25), byte(at>>17), byte(at>>9), byte(at>>1)
		b[4] = b[4]&0x7f | byte(at&1)<<7
	}
	if h := pesHeader(p); h != nil {
		setStamp(h[9:], (stamp(h[9:])+offset)&(wrap-1))
		if h[7]&hasDTS != 0 {
			setStamp(h[14:], (stamp(h[14:])+offset)&(wrap-1))
		}
	}
}

// keyFrame reports whether a packet in which a frame begins says that it is a key frame: by a flag, or by what stands
// only before such frames, or in them.
func keyFrame(p []byte, kind byte) bool {
	if p[3]&hasField != 0 && p[4] > 0 && p[5]&randomAccess != 0 {
		return true
	}
	for stream := p[4:]; ; {
		_, after, found := bytes.Cut(stream, []byte{0, 0, 1})
		if !found || len(after) == 0 {
			return false
		}
		switch stream = after; kind {
		case typeMPEG2:
			if after[0] == 0xb3 { // sequence header
				return true
			}
		case typeH264:
			if unit := after[0] & 0x1f; unit == 5 || unit == 7 { // IDR, sequence parameters
				return true
			}
		case typeH265:
			if unit := after[0] >> 1 & 0x3f; unit >= 16 && unit <= 21 || unit == 33 { // IRAP, sequence parameters
				return true
			}
		}
	}
}

// endSequence makes a packet that ends the sequence of H.265 before the frame that begins in another packet: the frames
// that are shown before that one refer to others that are not there, and decoders leave them out.
func endSequence(before []byte) []byte {
	end := []byte{0, 0, 0, 1, 36 << 1, 1} // NAL unit of type EOS
	p := bytes.Repeat([]byte{0xff}, packetSize-len(end))
	field := len(p) - 5
	copy(p, []byte{syncByte, before[1] &^ unitStart, before[2], hasField | hasPayload | (before[3]-1)&0xf, byte(field), 0})
	return append(p, end...)
}
