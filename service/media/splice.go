package media

import "io"

// Splicer passes MPEG-TS on and joins its timelines: where timestamps restart, or
// jump, as at the joints of recordings, those that follow are moved so that they
// go on where the ones before ended. Streams keep the PIDs of the first recording.
// Packets of other layouts, such as those of M2TS, become plain ones, and what lies
// between packets is left out. Nothing else is changed, and media without joints not at all. It keeps little in
// memory, trusts nothing that it reads, and is for one goroutine. Where a timeline begins
// between key frames, what comes before the next one is left out: it cannot be decoded.
type Splicer struct {
	w     io.Writer
	frame framer
	pids  renumber

	streams map[uint16]*spliced
	offset  int64 // what is added to timestamps
	now     int64 // the furthest timestamp so far, moved
	joint   bool  // the next timestamp begins a timeline

	waiting []byte // packets since a timeline began, whose offset is not known yet
	base    int64  // its first timestamp
	firsts  map[uint16]int64
	lasts   map[uint16]int64
	jumper  uint16 // the stream whose timestamp that was
	stray   bool   // the stream came back to the timeline before
}

// spliced is what is known about a stream. Times are in ticks of 90 kHz.
type spliced struct {
	last, step int64 // the last timestamp, moved, and its distance from the one before
	torn       int64 // until when frames are left out that have no key frame before them; 0: none are
}

const (
	ticks = 90_000 // a second
	wrap  = 1 << 33
	// A timeline ends where the timestamps of a stream fall back by more than fallback, or get ahead of all by more than ahead.
	fallback, ahead = ticks / 2, 10 * ticks
	// maxStep is the longest distance that is taken for that of frames.
	maxStep = ticks
	// maxTorn is how long a key frame is waited for: some streams are refreshed without any.
	maxTorn = 10 * ticks
	// maxWaiting bounds what is kept until all streams have shown where they begin, in bytes.
	maxWaiting = 4 << 20
	// maxSpliced bounds the streams that are looked at.
	maxSpliced = 64
	// noStream is beyond all streams: PIDs have 13 bits.
	noStream = 1 << 13
)

// NewSplicer returns a Splicer that writes to w. Close it to write what it holds back.
func NewSplicer(w io.Writer) *Splicer {
	return &Splicer{w: w, streams: map[uint16]*spliced{}}
}

// Joint says that what is written next has a timeline of its own, as after a
// playlist's EXT-X-DISCONTINUITY.
func (s *Splicer) Joint() error {
	if !s.frame.found {
		return nil
	}
	err := s.drain(true)
	s.joint = s.now > 0
	return err
}

// drain works on what is complete; at the end of a recording, on all.
func (s *Splicer) drain(end bool) error {
	for p, ok := s.frame.next(end); ok; p, ok = s.frame.next(end) {
		if err := s.packet(p); err != nil {
			return err
		}
	}
	if end || s.frame.foreign {
		if err := s.resolve(); err != nil {
			return err
		}
	}
	rest := s.frame.rest(end)
	if len(rest) == 0 {
		return nil
	}
	_, err := s.w.Write(rest)
	return err
}

// Close writes what is held back. It does not close the writer behind it. Its error is a [*Refusal] where recordings
// were joined that have different codecs: only some of them can be seen and heard in what was written.
func (s *Splicer) Close() error {
	err := s.drain(true)
	if err == nil && s.pids.refused {
		return &Refusal{Kind: Broken, Reason: "Picture or sound change their codec midway, as where recordings were joined: " +
			"encode all of it with one codec, or upload the recordings one by one."}
	}
	return err
}

// Write takes the next bytes of the media.
func (s *Splicer) Write(b []byte) (int, error) {
	s.frame.add(b)
	if err := s.drain(false); err != nil {
		return 0, err
	}
	return len(b), nil
}

// packet takes one packet, which it may change.
func (s *Splicer) packet(p []byte) error {
	s.pids.packet(p)
	pid, at, ok := timestampOf(p)
	ok = ok && pid != nullPID // streams that were dropped have no timeline together
	if ok && s.waiting != nil && s.restarts(pid, at) {
		if err := s.resolve(); err != nil {
			return err
		}
	}
	switch {
	case s.waiting != nil:
		s.waiting = append(s.waiting, p...)
		if ok {
			s.gather(pid, at)
		}
		if s.stray || s.gathered() || len(s.waiting) >= maxWaiting {
			return s.resolve()
		}
		return nil
	case ok && s.begins(pid, at):
		s.waiting, s.base, s.firsts, s.lasts = append([]byte{}, p...), at, map[uint16]int64{pid: at}, map[uint16]int64{pid: at}
		if s.gathered() {
			return s.resolve()
		}
		return nil
	case ok:
		s.follow(pid, at+s.offset)
	}
	return s.pass(p, s.offset)
}

// begins reports whether a timestamp begins another timeline.
func (s *Splicer) begins(pid uint16, at int64) bool {
	known := s.streams[pid]
	switch moved := at + s.offset; {
	case s.joint:
		s.joint, s.jumper, s.stray = false, noStream, false
		return true
	case len(s.streams) == 0:
		return false
	case moved+wrap/2 < s.now: // the counter has 33 bits
		s.offset += wrap
		return s.begins(pid, at)
	case known != nil && (moved < known.last-fallback || moved > s.now+ahead):
		s.jumper, s.stray = pid, false
		return true
	}
	return false // a stream of another program may count in its own way
}

// follow takes notice of a timestamp that goes on.
func (s *Splicer) follow(pid uint16, moved int64) {
	known := s.streams[pid]
	if known == nil {
		if len(s.streams) > 0 && (moved < s.now-ahead || moved > s.now+ahead) || len(s.streams) >= maxSpliced {
			return
		}
		known = &spliced{last: moved}
		s.streams[pid] = known
	}
	if step := moved - known.last; step > 0 && step <= maxStep {
		known.step = step
	}
	known.last, s.now = max(known.last, moved), max(s.now, moved)
}

// near reports whether a timestamp belongs to the timeline that began.
func (s *Splicer) near(at int64) bool { return at >= s.base-ahead && at <= s.base+ahead }

// restarts reports whether a timestamp begins yet another timeline: the one before is short, or has fewer streams.
func (s *Splicer) restarts(pid uint16, at int64) bool {
	last, known := s.lasts[pid]
	return known && s.near(at) && s.near(last) && at < last-fallback
}

// gather looks where streams begin in a new timeline.
func (s *Splicer) gather(pid uint16, at int64) {
	s.lasts[pid] = at
	if _, ok := s.firsts[pid]; !ok && s.near(at) {
		s.firsts[pid] = at
	} else if moved := at + s.offset; pid == s.jumper && !s.near(at) && moved >= s.streams[pid].last-fallback && moved <= s.now+ahead {
		s.stray = true
	}
}

// gathered reports whether each stream that was alive is known to begin.
func (s *Splicer) gathered() bool {
	for pid, known := range s.streams {
		if _, ok := s.firsts[pid]; !ok && known.last > s.now-ahead {
			return false
		}
	}
	return true
}

// resolve moves the new timeline: no stream begins before its own end. A lone
// timestamp that went astray is no timeline.
func (s *Splicer) resolve() error {
	waiting := s.waiting
	if waiting == nil {
		return nil
	}
	s.waiting = nil
	before, after := s.offset, s.offset
	if !s.stray {
		furthest := int64(-1 << 62)
		for pid, first := range s.firsts {
			end := s.now
			if known := s.streams[pid]; known != nil && known.last > s.now-maxStep { // else it paused
				end = known.last + known.step
			}
			furthest = max(furthest, end-first)
		}
		after = furthest
	}
	for ; len(waiting) >= packetSize; waiting = waiting[packetSize:] {
		p := waiting[:packetSize]
		offset := after
		if pid, at, ok := timestampOf(p); ok {
			if !s.near(at) {
				offset = before
			} else if known := s.streams[pid]; known != nil && after != before && at == s.firsts[pid] && s.pids.kind(p) != 0 {
				known.torn = at + after + maxTorn
			}
			if moved := at + offset; after != before || moved <= s.now+ahead {
				s.follow(pid, moved)
			}
		}
		if err := s.pass(p, offset); err != nil {
			return err
		}
	}
	s.offset = after
	return nil
}

// pass writes a packet with its timestamps moved, where its frame is not left out.
func (s *Splicer) pass(p []byte, offset int64) error {
	if known := s.streams[pidOf(p)]; known != nil && known.torn > 0 {
		if goesOn := pesHeader(p) != nil && (known.last > known.torn || keyFrame(p, s.pids.kind(p))); !goesOn {
			return nil
		}
		known.torn = 0
		if s.pids.kind(p) == typeH265 {
			if _, err := s.w.Write(endSequence(p)); err != nil {
				return err
			}
		}
	}
	if offset &= wrap - 1; offset != 0 {
		move(p, offset)
	}
	_, err := s.w.Write(p)
	return err
}
