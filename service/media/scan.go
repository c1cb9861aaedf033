package media

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"strconv"
	"strings"
	"time"
)

// scan is what the packets of a file say about its timeline. Containers are
// often wrong about it: they count subtitles, or from another moment than the first.
type scan struct {
	start    time.Duration // the timestamp that the timeline counts from
	started  bool          // ffmpeg knows that timestamp, too: else it counts from 0
	lead     time.Duration // see Info.Lead
	duration time.Duration // what the container announces
	tracks   map[int]*track
	torn     bool // the last packet of the sound is not complete; only known where packets are taken as they are
	untimed  bool // picture or sound of Matroska begin with packets that have no timestamps
}

// track is where the packets of a stream lie. Times are timestamps until
// [scan.settle] makes them count from the start.
type track struct {
	kind      string // such as "audio"
	packets   int
	keys      int           // the packets that are called key frames
	keyed     bool          // a key frame was there
	first     time.Duration // of what is shown
	last      time.Duration // when the last frame begins
	end       time.Duration // when the last frame ends
	gap       time.Duration // the longest time for which one frame is shown
	decoding  bool          // timestamps say when frames are decoded, and not when they are shown
	reordered int           // how many frames the decoder keeps to put them in order
	lengths   bool          // packets say how long they last
	guessed   bool          // some do not: they last for the average of all
	announced time.Duration // the length that the container states for this stream; 0: none
	hidden    time.Duration // how long the packets last together that an edit list hides

	shift            time.Duration // what is added after timestamps restarted
	restarts         bool
	former, previous time.Duration // the two packets before, in the order of decoding
}

const (
	// restart is how far timestamps fall behind those before when they start anew: no reordering of frames goes so far.
	restart = 2 * time.Second
)

// rejoined names the demuxers whose films may start anew: a [Splicer] has joined those of MPEG-TS, and ffmpeg joins those of MPEG-PS and Ogg.
var rejoined = map[string]bool{"mpegts": true, "mpeg": true, "ogg": true}

// scan reads all packets of a file and decodes nothing. each, which may be nil,
// gets those of the picture.
func (t *Tools) scan(ctx context.Context, in Input, info Info, each func(packet)) (scan, error) {
	reading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	s := scan{tracks: map[int]*track{}}
	wanted := map[int]bool{}
	frame := map[int]time.Duration{}
	if v := info.Video; v != nil {
		wanted[v.Index] = true
		if v.FrameRate > 0 {
			frame[v.Index] = time.Duration(float64(time.Second) / v.FrameRate)
		}
	}
	if a := info.Audio; a != nil {
		wanted[a.Index] = true
	}
	err := t.start(reading, run{
		program: t.ffprobe,
		args: append([]string{"-v", "error", "-show_entries",
			"packet=codec_type,stream_index,pts_time,dts_time,duration_time,flags:stream=index,has_b_frames,duration:format=start_time,duration", "-of", "csv"}, in.args(t.limits, in.search()...)...),
		input: in.Path, limit: t.limits.Stall, progress: func(time.Duration) {},
		lines: func(line string) {
			kind, rest, _ := strings.Cut(line, ",")
			fields := strings.Split(rest, ",")
			switch {
			case kind == "packet" && len(fields) >= 6:
				p, ok := parsePacket(fields[1:])
				if !ok {
					s.untimed = s.untimed || s.tracks[p.stream] == nil && wanted[p.stream] && in.format().Demuxer == "matroska"
					return
				}
				guessed := p.length == 0
				if guessed {
					p.length = frame[p.stream]
				}
				p.hidden = p.hidden || in.format().Demuxer == "mov" && p.at < -time.Millisecond // an edit list in fragments
				s.packet(p)
				s.tracks[p.stream].kind = fields[0]
				s.tracks[p.stream].guessed = s.tracks[p.stream].guessed || guessed
				if wanted[p.stream] && s.tracks[p.stream].long() > t.limits.Duration+restart {
					stop(errLong)
				}
				if each != nil && info.Video != nil && p.stream == info.Video.Index {
					each(p)
				}
			case kind == "stream" && len(fields) >= 2:
				index, err := strconv.Atoi(fields[0])
				t := s.tracks[index]
				if err != nil || t == nil {
					return
				}
				t.announced = duration(fields[len(fields)-1])
				if len(fields) > 2 { // a picture
					t.reordered, _ = strconv.Atoi(fields[1])
				}
			case kind == "format" && len(fields) >= 2:
				s.start, s.started = timestamp(fields[0])
				s.duration = duration(fields[1])
			}
		},
	})
	switch {
	case ctx.Err() != nil:
		return scan{}, context.Cause(ctx)
	case errors.Is(err, errLong):
		return scan{}, &Refusal{Kind: TooBig, Reason: fmt.Sprintf("The media is longer than %s, which is the most that is supported.", t.limits.Duration)}
	case err != nil:
		return scan{}, unreadable(in, err)
	}
	s.settle(info)
	return s, nil
}

// errLong ends the scan of media that is too long.
var errLong = errors.New("the media is too long")

// packet is what ffprobe reports about one.
type packet struct {
	stream   int
	at       time.Duration // when it is shown, or where that is not known, when it is decoded
	order    time.Duration // when it is decoded, or where that is not known, when it is shown
	shown    bool          // it is known when it is shown
	complete bool          // both times are known
	length   time.Duration // 0 when it is not known
	key      bool
	hidden   bool // by an edit list
}

func parsePacket(fields []string) (p packet, ok bool) {
	var err error
	if p.stream, err = strconv.Atoi(fields[0]); err != nil {
		return p, false
	}
	shown, known := timestamp(fields[1])
	decoded, ordered := timestamp(fields[2])
	p.at, p.order = shown, decoded
	if !known {
		p.at = decoded
	}
	if !ordered {
		p.order = shown
	}
	p.shown, p.complete = known, known && ordered
	if length, ok := timestamp(fields[3]); ok {
		p.length = max(0, length)
	}
	p.key, p.hidden = strings.HasPrefix(fields[4], "K"), strings.Contains(fields[4], "D")
	return p, known || ordered
}

// timestamp reads a time, which may be negative.
func timestamp(text string) (time.Duration, bool) {
	s, err := strconv.ParseFloat(text, 64)
	if err != nil || !(math.Abs(s) < math.MaxInt64/float64(4*time.Second)) {
		return 0, false
	}
	return time.Duration(math.Round(s*1e6)) * time.Microsecond, true
}

func (s *scan) packet(p packet) {
	t := s.tracks[p.stream]
	if t == nil {
		t = &track{}
		s.tracks[p.stream] = t
	}
	if p.key && !t.keyed { // nobody can show what needs a frame from before the file begins
		*t = track{keyed: true, hidden: t.hidden}
	}
	if p.hidden {
		t.hidden += max(p.length, time.Microsecond)
		return
	}
	at, order := p.at+t.shift, p.order+t.shift
	if t.packets > 0 && order < t.previous-restart {
		astray := t.previous > t.former+restart && order >= t.former-restart // the packet before alone
		t.restarts = t.restarts || !astray
		t.shift += t.end - order
		at, order = p.at+t.shift, t.end
	}
	if t.packets == 0 {
		t.first, t.last, t.end, t.previous = at, at, at, order
		t.decoding = !p.shown
	} else {
		t.gap = max(t.gap, order-t.previous)
	}
	if t.packets++; p.key {
		t.keys++
	}
	t.former, t.previous = t.previous, order
	t.decoding = t.decoding && at <= order
	t.gap = max(t.gap, p.length)
	t.lengths = t.lengths || p.length > 0
	t.first, t.last, t.end = min(t.first, at), max(t.last, at), max(t.end, at+p.length)
}

// hides reports whether an edit list hides more than how encoders begin.
func (s *scan) hides(info Info) bool {
	v, a := track{}, track{}
	if info.Video != nil {
		v = s.track(info.Video.Index)
	}
	if info.Audio != nil {
		a = s.track(info.Audio.Index)
	}
	return v.hidden > 0 || a.hidden > priming
}

func (t *track) long() time.Duration { return t.end - t.first }

// settle makes times count from the start of the file.
func (s *scan) settle(info Info) {
	if !s.started && len(s.tracks) > 0 { // as of films of one frame in MPEG-TS
		s.start = math.MaxInt64
		for t := range maps.Values(s.tracks) {
			s.start = min(s.start, t.first)
		}
	}
	if s.start < 0 && s.hides(info) {
		s.lead, s.start = -s.start, 0
	}
	for t := range maps.Values(s.tracks) {
		t.first, t.last, t.end = t.first-s.start, t.last-s.start, t.end-s.start
		if t.guessed && s.duration > t.last {
			t.end = min(t.end, s.duration)
		}
	}
}

// delay returns [Info.Delay].
func (s scan) delay(v Video) time.Duration {
	t := s.track(v.Index)
	if !t.decoding || v.FrameRate == 0 {
		return 0
	}
	return time.Duration(float64(t.reordered) / v.FrameRate * float64(time.Second))
}

// track returns that of a stream, or one without packets.
func (s scan) track(index int) track {
	if t := s.tracks[index]; t != nil {
		return *t
	}
	return track{}
}

// length is how long picture and sound last, from the start of the file. Only
// of packets that do not say so is the container believed.
func (s scan) length(info Info) (all time.Duration) {
	for _, index := range info.streams() {
		t := s.track(index)
		if all = max(all, t.end); t.packets > 0 && !t.lengths {
			all = max(all, t.announced, s.duration)
		}
	}
	return all
}
