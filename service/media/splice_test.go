package media_test

import (
	"bytes"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/seed"
	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// recording is a piece of a film as MPEG-TS, from one second to another, whose timestamps begin at a time of its own.
func recording(t *testing.T, film string, from, to int, begin string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "piece.ts")
	mediatest.FFmpeg(t, "-i", film, "-ss", strconv.Itoa(from), "-to", strconv.Itoa(to),
		"-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-output_ts_offset", begin, "-muxdelay", "0", path)
	return read(t, path)
}

// spliced is what a Splicer makes of pieces, with an announced joint between them or without.
func spliced(t *testing.T, announced bool, pieces ...[]byte) media.Input {
	t.Helper()
	var out bytes.Buffer
	s := media.NewSplicer(&out)
	for i, piece := range pieces {
		if i > 0 && announced {
			if err := s.Joint(); err != nil {
				t.Fatal(err)
			}
		}
		for chunk := range slices.Chunk(piece, 1000) {
			if _, err := s.Write(chunk); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return media.Input{Path: write(t, out.Bytes()), Type: "TS"}
}

func TestSplicer(t *testing.T) {
	servicetest.SkipShort(t, "it encodes for long")
	tools := find(t, media.Limits{})
	film := mediatest.Film{Frames: 150, Rate: 25, Width: 320, Height: 180, KeyEvery: 25, Sound: true}.Make(t)
	for name, c := range map[string]struct {
		announced bool
		begins    []string // where the timestamps of each two seconds begin
	}{
		"none":                         {false, []string{"0", "2", "4"}},
		"restarts":                     {false, []string{"1.4", "1.4", "1.4"}},
		"an hour ahead":                {false, []string{"0", "3600", "3602"}},
		"an hour back":                 {false, []string{"3600", "10", "3700"}},
		"the counter wraps":            {false, []string{"95440", "95442", "95444"}},
		"an advertisement":             {true, []string{"10", "1.4", "12"}},
		"an advertisement a bit ahead": {true, []string{"0", "7", "2"}},
		"joints without jumps":         {true, []string{"0", "2", "4"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var pieces [][]byte
			for i, begin := range c.begins {
				pieces = append(pieces, recording(t, film, 2*i, 2*i+2, begin))
			}
			in := spliced(t, c.announced, pieces...)
			if before, after := slices.Concat(pieces...), read(t, in.Path); len(after) != len(before) {
				t.Errorf("%d bytes became %d", len(before), len(after))
			}
			if unchanged := bytes.Equal(read(t, in.Path), slices.Concat(pieces...)); name == "none" && !unchanged {
				t.Error("what has no joints is changed")
			}
			info := probe(t, tools, in)
			if !near(info.Duration, 6*time.Second, 200*time.Millisecond) {
				t.Errorf("it lasts %v", info.Duration)
			}
			snapshots, err := tools.Snapshots(t.Context(), in, info, at(0.5, 1.5, 2.5, 3.5, 4.5, 5.5), media.Picture{}, t.TempDir(), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range snapshots {
				if got, want := mediatest.FrameNumber(t, s.Path), int(s.Offset.Seconds()*25); max(got-want, want-got) > 3 {
					t.Errorf("frame %d at %v, want %d", got, s.Offset, want)
				}
			}
			dir, outputs := transcodeProbed(t, tools, in, info, media.Ladder{HLS: true, Segment: 2 * time.Second, Remux: true, Renditions: []media.Rendition{{Name: "r", Height: 180}}})
			checkHLS(t, dir, outputs)
			if last := outputs[1].Info.Duration; !near(last, 6*time.Second, 200*time.Millisecond) {
				t.Errorf("the output lasts %v", last)
			}
		})
	}
}

// Recordings of other tools have their streams under other PIDs and in another order, or lack the sound. Nothing of them
// is lost; where it would be, they are refused.
func TestSplicerRenumbers(t *testing.T) {
	servicetest.SkipShort(t, "each kind of recording is encoded")
	t.Parallel()
	tools := find(t, media.Limits{})
	film := mediatest.Film{Frames: 100, Rate: 25, Width: 320, Height: 180, KeyEvery: 25, Sound: true}.Make(t)
	piece := func(from string, options ...string) []byte {
		t.Helper()
		path := filepath.Join(t.TempDir(), "piece.ts")
		mediatest.FFmpeg(t, slices.Concat([]string{"-ss", from, "-t", "2", "-i", film, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-pes_payload_size", "0"}, options, []string{path})...)
		return read(t, path)
	}
	first := piece("0")
	for name, options := range map[string][]string{
		"other PIDs":               {"-mpegts_start_pid", "0x200"},
		"another list":             {"-mpegts_start_pid", "0x200", "-mpegts_pmt_start_pid", "0x1100"},
		"the PIDs of one another":  {"-map", "0:a", "-map", "0:v"},
		"no sound":                 {"-an"},
		"more sound than at first": {"-map", "0", "-map", "0:a", "-mpegts_start_pid", "0x300"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := spliced(t, false, first, piece("2", options...), first)
			info := probe(t, tools, in)
			if !near(info.Duration, 6*time.Second, 250*time.Millisecond) {
				t.Errorf("it lasts %v", info.Duration)
			}
			snapshots, err := tools.Snapshots(t.Context(), in, info, at(1, 3, 5), media.Picture{}, t.TempDir(), nil)
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range []int{25, 75, 25} {
				if got := mediatest.FrameNumber(t, snapshots[i].Path); max(got-want, want-got) > 4 {
					t.Errorf("frame %d at %v, want %d", got, snapshots[i].Offset, want)
				}
			}
		})
	}
	silent := piece("0", "-an")
	if info := probe(t, tools, spliced(t, false, silent, first)); info.Audio == nil {
		t.Error("sound that begins with the second recording is lost")
	}
	for name, recordings := range map[string][][]byte{
		"another codec":              {first, piece("2", "-c:v", "mpeg2video")},
		"sound that nothing carries": {silent, piece("2", "-mpegts_start_pid", "0x200")},
	} {
		s := media.NewSplicer(io.Discard)
		for _, recording := range recordings {
			if _, err := s.Write(recording); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		refused(t, s.Close(), media.Broken)
	}
}

// What a second recording has before its first key frame needs frames that are not there: the last frame before the joint
// is shown until then.
func TestSplicerBetweenKeyFrames(t *testing.T) {
	servicetest.SkipShort(t, "each codec is encoded")
	t.Parallel()
	tools := find(t, media.Limits{})
	const frames, keyEvery = 100, 50
	for codec, options := range map[string][]string{
		"H.264":  {"-c:v", "libx264", "-bf", "2"},
		"H.265":  {"-c:v", "libx265", "-x265-params", "log-level=none"},
		"MPEG-2": {"-c:v", "mpeg2video", "-q:v", "2"},
	} {
		t.Run(codec, func(t *testing.T) {
			t.Parallel()
			one := read(t, mediatest.Film{Frames: frames, Rate: 25, Width: 320, Height: 180, KeyEvery: keyEvery, Sound: true,
				Options: append(options, "-c:a", "aac", "-f", "mpegts")}.Make(t))
			in := spliced(t, false, one, one[len(one)/10/188*188:])
			info := probe(t, tools, in)
			missing := 2*frames - int(info.Duration.Seconds()*25)
			shownAt := func(at time.Duration) int { // of each recording
				frame := int(at.Seconds() * 25)
				if frame >= frames {
					if frame += missing - frames; frame < keyEvery {
						return frames - 1
					}
				}
				return frame
			}
			check := func(what string, at time.Duration, got int) {
				t.Helper()
				if want := shownAt(at); max(got-want, want-got) > 5 {
					t.Errorf("%s: frame %d at %v, want %d", what, got, at, want)
				}
			}
			snapshots, err := tools.Snapshots(t.Context(), in, info, at(0.5, 3, 4.2, 5, 6, 7), media.Picture{}, t.TempDir(), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range snapshots {
				check("snapshot", s.Offset, mediatest.FrameNumber(t, s.Path))
			}
			for _, l := range []media.Ladder{
				{Remux: true, Renditions: []media.Rendition{{Name: "r", Height: 180}}},
				{HLS: true, Segment: 2 * time.Second, Renditions: []media.Rendition{{Name: "r", Height: 180}}},
			} {
				dir, outputs := transcodeProbed(t, tools, in, info, l)
				last := outputs[len(outputs)-1]
				times := at(0.5, 3, 6, 7) // players go on showing what is shown at the others
				for i, got := range framesAt(t, filepath.Join(dir, last.Files[0]), times...) {
					check("output "+last.Files[0], times[i], got)
				}
			}
		})
	}
}

// A Splicer passes all packets on in their order, and no other bytes than it gets. Where recordings are announced to begin
// inside of packets, those are lost, and so may be recordings that are too short to be known for MPEG-TS.
func TestSplicerTakesNoise(t *testing.T) {
	t.Parallel()
	random := seed.Random(t, 0)
	for range 200 {
		noise := make([]byte, random.IntN(20_000))
		for i := range noise {
			if noise[i] = byte(random.Uint32()); noise[i] == 0x47 {
				noise[i] = 0 // where a recording begins, two of them may be taken for packets
			}
		}
		for i := 0; i+8 < len(noise); i += 188 { // packets that look like some with timestamps
			copy(noise[i:], []byte{0x47, 0x40 | byte(random.IntN(2)), byte(random.IntN(4)), 0x10, 0, 0, 1, 0xe0})
			if i+11 < len(noise) {
				noise[i+10], noise[i+11] = 0x80, 0x80|byte(random.IntN(2))<<6
			}
		}
		var out bytes.Buffer
		s, begins, written := media.NewSplicer(&out), []int{0}, 0
		for chunk := range slices.Chunk(noise, 1+random.IntN(500)) {
			if n, err := s.Write(chunk); n != len(chunk) || err != nil {
				t.Fatal(n, err)
			}
			written += len(chunk)
			if random.IntN(10) == 0 {
				begins = append(begins, written)
				if err := s.Joint(); err != nil {
					t.Fatal(err)
				}
			}
		}
		joints := len(begins) > 1
		if err := s.Close(); err != nil || out.Len() > len(noise) || !joints && out.Len() < len(noise) {
			t.Fatalf("%d bytes became %d: %v", len(noise), out.Len(), err)
		}
		rest := out.Bytes()
		for i, end := range append(begins[1:], len(noise)) {
			first, behind := (begins[i]+187)/188, end/188
			if behind-first < 5 {
				continue
			}
			for n := first; n < behind; n++ {
				p := noise[n*188+23 : (n+1)*188] // behind the timestamps
				at := bytes.Index(rest, p)
				if at < 0 {
					t.Fatalf("packet %d of %d is missing; recordings begin at %d", n, len(noise)/188, begins)
				}
				rest = rest[at+len(p):]
			}
		}
	}
}

// Packets with more bytes each are joined like plain ones, and so are recordings of which one was cut inside a packet, or
// that have something before their packets.
func TestSplicerFrames(t *testing.T) {
	t.Parallel()
	tools := find(t, media.Limits{})
	film := mediatest.Film{Frames: 100, Rate: 25, Width: 160, Height: 90, KeyEvery: 25, Sound: true}.Make(t)
	one, other := recording(t, film, 0, 2, "1.4"), recording(t, film, 2, 4, "1.4")
	whole := slices.Concat(one, other)
	laidOut := func(recording []byte, before, behind int) (packets []byte) {
		for p := range slices.Chunk(recording, 188) {
			packets = slices.Concat(packets, make([]byte, before), p, bytes.Repeat([]byte{0x47}, behind))
		}
		return packets
	}
	damaged := slices.Clone(one)
	damaged[40*188] = 0
	joined := read(t, spliced(t, false, whole).Path)
	for name, pieces := range map[string][][]byte{
		"times of arrival":              {laidOut(whole, 4, 0)},
		"error correction":              {laidOut(whole, 0, 16)},
		"one in each layout":            {laidOut(one, 4, 0), other},
		"cut inside a packet":           {one, other[:100], other},
		"cut inside a packet of M2TS":   {laidOut(one, 4, 0), laidOut(other, 4, 0)[:100], laidOut(other, 4, 0)},
		"begins inside a packet":        {one[100:188], one, other},
		"something else behind packets": {whole, make([]byte, 1000)},
		"far from the next packets":     {one, make([]byte, 100<<10), other},
		"another layout after a joint":  {other[:0], one, laidOut(other, 4, 0)},
		"something else before packets": {[]byte("\x89PNG\r\n\x1a\n"), make([]byte, 3000), one, []byte("\x89PNG\r\n\x1a\n"), other},
		"a damaged packet":              {damaged, other},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := spliced(t, false, slices.Concat(pieces...))
			if name != "a damaged packet" && !bytes.Equal(read(t, in.Path), joined) {
				t.Error("it is not what plain packets become")
			}
			info := probe(t, tools, in)
			if !near(info.Duration, 4*time.Second, 200*time.Millisecond) {
				t.Errorf("it lasts %v", info.Duration)
			}
			snapshots, err := tools.Snapshots(t.Context(), in, info, at(0.5, 3.5), media.Picture{}, t.TempDir(), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range snapshots {
				if got, want := mediatest.FrameNumber(t, s.Path), int(s.Offset.Seconds()*25); max(got-want, want-got) > 3 {
					t.Errorf("frame %d at %v, want %d", got, s.Offset, want)
				}
			}
		})
	}
}
