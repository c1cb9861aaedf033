package media

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// Tables of MPEG-TS that name its streams (ISO/IEC 13818-1, 2.4.4).
const (
	tablePAT, tablePMT = 0, 2
	nullPID            = 0x1fff
	// crcSize ends each section, in bytes.
	crcSize = 4
)

// programMap is a stream list of MPEG-TS: which streams of which types a recording has.
type programMap struct {
	list    uint16 // PID of the list
	streams []elementary
}

type elementary struct {
	kind byte // stream_type
	pid  uint16
}

// oneKind has the stream types that one decoder takes: versions 1 and 2 of MPEG.
var oneKind = map[byte]byte{0x01: 0x02, 0x03: 0x04}

// The stream types of pictures whose key frames are known from the stream, with those of oneKind in one.
const typeMPEG2, typeH264, typeH265 = 0x02, 0x1b, 0x24

// kind returns the type of the stream of the first recording that a packet belongs to, where it is one of these; else 0.
func (r *renumber) kind(p []byte) byte {
	for _, s := range r.first.streams {
		if s.pid == pidOf(p) && (s.kind == typeMPEG2 || s.kind == typeH264 || s.kind == typeH265) {
			return s.kind
		}
	}
	return 0
}

// class groups the types that can take each other's part: pictures and sound; others are 0.
func (e elementary) class() byte {
	switch e.kind {
	case 0x01, 0x02, 0x10, 0x1b, 0x24, 0x33, 0xea:
		return 'v'
	case 0x03, 0x04, 0x0f, 0x11, 0x81, 0x87:
		return 'a'
	}
	return 0
}

// renumber gives the streams of a recording the PIDs that those of the first one have: players and demuxers stay with the
// streams that they found at the beginning, and would lose what is joined to them with others.
type renumber struct {
	first   programMap
	now     programMap
	to      map[uint16]uint16 // of the recording at hand, where it differs from the first
	refused bool              // a recording has picture or sound of another type
}

// packet changes the PID of a packet, and takes lists away that would bring back those of later recordings.
func (r *renumber) packet(p []byte) {
	pid := pidOf(p)
	switch {
	case pid == 0:
		if list, ok := listPID(p); ok {
			if r.first.list == 0 {
				r.first.list = list
			}
			r.now.list = list
		}
		if r.first.list != r.now.list {
			setPID(p, nullPID)
		}
	case pid == r.now.list && pid != 0:
		if streams, ok := streamsOf(p); ok {
			r.list(streams)
		}
		if r.to != nil {
			setPID(p, nullPID)
		}
	case r.to != nil:
		if to, ok := r.to[pid]; ok {
			setPID(p, to)
		}
	}
}

// list takes the stream list of the recording at hand.
func (r *renumber) list(streams []elementary) {
	if r.first.streams == nil {
		r.first.streams = streams
	}
	if r.now.list == r.first.list && r.extends(streams) {
		r.to = nil
		return
	}
	r.to = map[uint16]uint16{}
	taken := map[uint16]bool{}
	for _, s := range streams {
		r.to[s.pid] = nullPID
		for _, first := range r.first.streams {
			if first.kind == s.kind && !taken[first.pid] {
				taken[first.pid], r.to[s.pid] = true, first.pid
				break
			}
		}
	}
	for _, class := range []byte{'v', 'a'} {
		r.refused = r.refused || !covered(class, r.first.streams, streams)
	}
}

// extends reports whether streams has all of the first recording as they are; others may come to them.
func (r *renumber) extends(streams []elementary) bool {
	return !slices.ContainsFunc(r.first.streams, func(first elementary) bool { return !slices.Contains(streams, first) })
}

// covered reports whether the first stream of a class goes on: with one of its type, or not at all. What a class has for
// the first time cannot be kept.
func covered(class byte, before, after []elementary) bool {
	is := func(s elementary) bool { return s.class() == class }
	if slices.ContainsFunc(after, is) && !slices.ContainsFunc(before, is) {
		return false
	}
	for _, first := range before {
		if first.class() != class {
			continue
		}
		others := false
		for _, s := range after {
			if s.kind == first.kind {
				return true
			}
			others = others || s.class() == class
		}
		return !others
	}
	return true
}

func pidOf(p []byte) uint16 { return binary.BigEndian.Uint16(p[1:]) & 0x1fff }

func setPID(p []byte, pid uint16) {
	p[1], p[2] = p[1]&0xe0|byte(pid>>8), byte(pid)
}

// section returns the body of a table that is complete in one packet and in force, without header and checksum.
func section(p []byte, table byte) ([]byte, bool) {
	if p[1]&unitStart == 0 || p[3]&hasPayload == 0 || p[3]&hasField != 0 {
		return nil, false
	}
	start := 5 + int(p[4])
	if start+8 > len(p) || p[start] != table || p[start+5]&1 == 0 || p[start+6] != 0 || p[start+7] != 0 {
		return nil, false
	}
	end := start + 3 + int(binary.BigEndian.Uint16(p[start+1:])&0xfff)
	if end > len(p) || end-crcSize < start+8 {
		return nil, false
	}
	return p[start+8 : end-crcSize], true
}

// listPID reads which PID has the stream list; ok is false where there are several programs.
func listPID(p []byte) (list uint16, ok bool) {
	body, ok := section(p, tablePAT)
	if !ok {
		return 0, false
	}
	for ; len(body) >= 4; body = body[4:] {
		if binary.BigEndian.Uint16(body) == 0 { // of the network
			continue
		}
		if list != 0 {
			return 0, false
		}
		list = binary.BigEndian.Uint16(body[2:]) & 0x1fff
	}
	return list, list != 0
}

// streamsOf reads a stream list.
func streamsOf(p []byte) (streams []elementary, ok bool) {
	body, ok := section(p, tablePMT)
	if !ok || len(body) < 4 {
		return nil, false
	}
	skip := 4 + int(binary.BigEndian.Uint16(body[2:])&0xfff)
	if skip > len(body) {
		return nil, false
	}
	for body = body[skip:]; len(body) >= 5; body = body[skip:] {
		streams = append(streams, elementary{kind: cmp.Or(oneKind[body[0]], body[0]), pid: binary.BigEndian.Uint16(body[1:]) & 0x1fff})
		if skip = 5 + int(binary.BigEndian.Uint16(body[3:])&0xfff); skip > len(body) {
			return nil, false
		}
	}
	return streams, len(streams) > 0
}
