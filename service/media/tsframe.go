package media

// layout is how many bytes come before and behind each packet of MPEG-TS in a stream.
type layout struct{ before, behind int }

// layouts are plain packets, those with a time of arrival (M2TS of AVCHD and Blu-ray), and those with a code that
// corrects errors (DVB, ISDB).
var layouts = []layout{{0, 0}, {4, 0}, {0, 16}}

func (l layout) size() int { return l.before + packetSize + l.behind }

const (
	// inRow is how many packets in a row make a stream MPEG-TS.
	inRow = 5
	// longestRow is the most that these are, in bytes.
	longestRow = inRow * (packetSize + 16)
	// maxLead bounds what may come before the first packet, in bytes: ffmpeg looks no further.
	maxLead = 64 << 10
)

// framer finds the packets of MPEG-TS in a stream. What lies between them, as where recordings were joined of which one
// was cut inside a packet, is left out; a stream that has none is passed on as it is.
type framer struct {
	held    []byte
	done    int // how many bytes of these are framed
	found   bool
	lost    bool // nothing is known of what comes next: it does not follow a packet
	foreign bool // there are no packets
	layout  layout
}

// add takes the next bytes of the stream.
func (f *framer) add(b []byte) {
	n := copy(f.held, f.held[f.done:])
	f.held, f.done = append(f.held[:n], b...), 0
}

// next returns the next packet, which is good until the following call of add. At the end of a stream nothing more is
// waited for.
func (f *framer) next(end bool) ([]byte, bool) {
	for !f.foreign {
		size, at := f.layout.size(), f.done+f.layout.before
		switch {
		case !f.found:
			if f.found = f.find(f.done); !f.found {
				f.foreign = end || len(f.held) > maxLead
				return nil, false
			}
		case !end && at+2*size >= len(f.held) || at+packetSize > len(f.held):
			return nil, false
		case f.sync(at) && (f.sync(at+size) || f.sync(at+2*size)): // one may be damaged
			f.done, f.lost = min(f.done+size, len(f.held)), false
			return f.held[at : at+packetSize], true
		case f.find(f.done): // in another layout, or further on
			if !f.lost && f.sync(at) && f.done >= at+packetSize { // something else follows
				return f.held[at : at+packetSize], true
			}
		case !end && len(f.held)-f.done <= maxLead:
			return nil, false
		case !f.lost && f.sync(at): // the last one
			f.done, f.lost = at+packetSize, true
			return f.held[at : at+packetSize], true
		default:
			f.done, f.lost = max(f.done+1, len(f.held)-longestRow), true
		}
	}
	return nil, false
}

// sync reports whether a packet may begin at a place; nobody knows of those behind the end.
func (f *framer) sync(at int) bool { return at >= len(f.held) || f.held[at] == syncByte }

// find looks for packets in a row, and goes there.
func (f *framer) find(start int) bool {
	for ; start < len(f.held); start++ {
		for _, l := range layouts {
			if f.row(start+l.before, l.size()) {
				f.done, f.layout = start, l
				return true
			}
		}
	}
	return false
}

func (f *framer) row(at, size int) bool {
	if at+(inRow-1)*size >= len(f.held) {
		return false
	}
	for n := range inRow {
		if f.held[at+n*size] != syncByte {
			return false
		}
	}
	return true
}

// rest takes out what is no packet and is passed on all the same: all that is held of a stream without packets, and at
// the end what follows the last one of a plain stream.
func (f *framer) rest(end bool) (rest []byte) {
	if f.foreign || end && f.found && !f.lost && f.layout == (layout{}) {
		rest, f.done = f.held[f.done:], len(f.held)
	}
	return rest
}
