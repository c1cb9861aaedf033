package media

import (
	"strings"
	"testing"
	"time"
)

func TestPeak(t *testing.T) {
	const s = time.Second
	for name, c := range map[string]struct {
		list playlist
		want int64 // bit/s without the padding
	}{
		"one short segment":            {playlist{6 * s, []segment{{"", 2 * s, 1000}}}, 4000},
		"the largest":                  {playlist{6 * s, []segment{{"", 6 * s, 6000}, {"", 6 * s, 12000}, {"", 6 * s, 600}}}, 16000},
		"a short one does not count":   {playlist{6 * s, []segment{{"", 6 * s, 6000}, {"", s, 9000}}}, 17143},
		"two that are half together":   {playlist{6 * s, []segment{{"", 2 * s, 8000}, {"", 2 * s, 8000}, {"", 6 * s, 600}}}, 32000},
		"what lasts nothing, no count": {playlist{6 * s, []segment{{"", 0, 8000}}}, 0},
	} {
		if got := c.list.peak(); got < c.want || got > c.want+200 {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestCutter(t *testing.T) {
	for name, c := range map[string]struct {
		every   time.Duration
		packets []string
		want    bool
	}{
		"key frames at the cuts":   {2 * time.Second, []string{"0.0,0.0 K__", "1.0,1.0 ___", "2.0,2.0 K__", "4.0,4.0 K__", "4.5,4.5 ___"}, true},
		"half as long again":       {2 * time.Second, []string{"0.0,0.0 K__", "3.0,3.0 K__", "4.0,4.0 K__"}, true},
		"longer":                   {2 * time.Second, []string{"0.0,0.0 K__", "3.1,3.1 K__"}, false},
		"longer at the end":        {2 * time.Second, []string{"0.0,0.0 K__", "2.0,2.0 K__", "5.1,5.1 ___"}, false},
		"early key frames":         {2 * time.Second, []string{"0.0,0.0 K__", "1.9,1.9 K__", "3.1,3.1 ___"}, false},
		"no segments":              {0, []string{"0.0,0.0 K__", "50,50 ___"}, true},
		"starts without key frame": {0, []string{"0.0,0.0 ___"}, false},
		"no time":                  {0, []string{"0.0,0.0 K__", "N/A,1.0 ___"}, false},
		"no time to decode":        {0, []string{"0.0,0.0 K__", "1.0,N/A ___"}, false},
		"nothing":                  {0, nil, false},
	} {
		cuts, good := cutter{every: c.every}, true
		for _, p := range c.packets {
			times, flags, _ := strings.Cut(p, " ")
			pts, dts, _ := strings.Cut(times, ",")
			packet, ok := parsePacket([]string{"0", pts, dts, "N/A", flags})
			good = good && ok && cuts.packet(packet)
		}
		if got := good && cuts.end(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func FuzzParsePlaylist(f *testing.F) {
	f.Add([]byte("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6.0,\n00000.ts\n#EXT-X-ENDLIST\n"))
	f.Add([]byte("#EXT-X-TARGETDURATION:1\n../up.ts\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := parsePlaylist(text)
		if err != nil {
			return
		}
		if p.length() < 0 || p.peak() < 0 {
			t.Errorf("%+v", p)
		}
		for _, s := range p.segments {
			if s.name == ".." || s.name == "" {
				t.Errorf("segment %q", s.name)
			}
		}
	})
}

func FuzzAVC1(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 9, 0xf0, 0, 0, 1, 0x67, 0x64, 0, 0x1f, 0xac})
	f.Fuzz(func(t *testing.T, stream []byte) {
		if name, err := avc1(stream); err == nil && len(name) != len("avc1.64001F") {
			t.Errorf("%q", name)
		}
	})
}
