package playlist_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vod-reproduction/vod/service/playlist"
)

// The beginning and the end of a list of one segment.
const (
	begin = "#EXTM3U\n#EXT-X-TARGETDURATION:10\n"
	end   = "#EXTINF:9.009,\na.ts\n#EXT-X-ENDLIST\n"
)

func read(t *testing.T, file string) playlist.Playlist {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	list, err := playlist.Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestFFmpeg reads what ffmpeg 5.1 wrote for two qualities of six seconds.
func TestFFmpeg(t *testing.T) {
	t.Parallel()
	want := playlist.Playlist{Master: &playlist.Master{Variants: []playlist.Variant{
		{Name: "v0.m3u8", Bandwidth: 515_900, Width: 320, Height: 180, Codecs: "avc1.64000d,mp4a.40.2", Line: 4},
		{Name: "v1.m3u8", Bandwidth: 185_900, Width: 160, Height: 90, Codecs: "avc1.64000b,mp4a.40.2", Line: 7},
	}}}
	got := read(t, "testdata/master.m3u8")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("master (-want +got):\n%s", diff)
	}
	if best := got.Master.Best(); best.Name != "v0.m3u8" {
		t.Errorf("best is %+v", best)
	}
	want = playlist.Playlist{Media: &playlist.Media{
		Segments: []playlist.Segment{
			{Name: "s0_000.ts", Duration: 2 * time.Second, Line: 7},
			{Name: "s0_001.ts", Duration: 2 * time.Second, Line: 9},
			{Name: "s0_002.ts", Duration: 2 * time.Second, Line: 11},
		},
		TargetDuration: 2 * time.Second, Total: 6 * time.Second,
	}}
	if diff := cmp.Diff(want, read(t, "testdata/media.m3u8")); diff != "" {
		t.Errorf("media (-want +got):\n%s", diff)
	}
}

// TestTaken reads lists that are written in unusual ways.
func TestTaken(t *testing.T) {
	t.Parallel()
	one := func(name string, d time.Duration, line int) *playlist.Media {
		return &playlist.Media{Segments: []playlist.Segment{{Name: name, Duration: d, Line: line}}, TargetDuration: 10 * time.Second, Total: d}
	}
	later := one("a.ts", 9009*time.Millisecond, 5)
	later.MediaSequence = 1<<64 - 1
	for name, c := range map[string]struct {
		text string
		want *playlist.Media
	}{
		"CRLF":                  {strings.ReplaceAll(begin+end, "\n", "\r\n"), one("a.ts", 9009*time.Millisecond, 4)},
		"no line end at last":   {strings.TrimSuffix(begin+end, "\n"), one("a.ts", 9009*time.Millisecond, 4)},
		"blanks behind lines":   {strings.ReplaceAll(begin+end, "\n", "  \n"), one("a.ts", 9009*time.Millisecond, 4)},
		"no comma":              {begin + "#EXTINF:5\na.ts\n#EXT-X-ENDLIST", one("a.ts", 5*time.Second, 4)},
		"capital extension":     {begin + "#EXTINF:5,\nA.TS\n#EXT-X-ENDLIST", one("A.TS", 5*time.Second, 4)},
		"other writing":         {begin + "#EXTINF:5,\nФильм 1 – ½.ts\n#EXT-X-ENDLIST", one("Фильм 1 – ½.ts", 5*time.Second, 4)},
		"longest name":          {begin + "#EXTINF:5,\n" + strings.Repeat("a", 252) + ".ts\n#EXT-X-ENDLIST", one(strings.Repeat("a", 252)+".ts", 5*time.Second, 4)},
		"longest line":          {begin + end + "#" + strings.Repeat("x", playlist.MaxLine-1) + "\r\n", one("a.ts", 9009*time.Millisecond, 4)},
		"explicitly no key":     {begin + "#EXT-X-KEY:METHOD=NONE\n" + end, one("a.ts", 9009*time.Millisecond, 5)},
		"end before segments":   {begin + "#EXT-X-ENDLIST\n#EXTINF:5,\na.ts", one("a.ts", 5*time.Second, 5)},
		"highest media number":  {begin + "#EXT-X-MEDIA-SEQUENCE:18446744073709551615\n" + end, later},
		"comments, other tags":  {begin + "\n# hello\n#EXT-X-CUE-OUT:30\n#EXT-X-PROGRAM-DATE-TIME:2026-01-16T08:00:00Z\n" + end, one("a.ts", 9009*time.Millisecond, 8)},
		"tags before the name":  {begin + "#EXTINF:5,\n#EXT-X-DISCONTINUITY\n\na.ts\n#EXT-X-ENDLIST", one("a.ts", 5*time.Second, 6)},
		"blanks in tags":        {"#EXTM3U\n#EXT-X-TARGETDURATION: 10\n#EXTINF:\t9.009 , a\n./a.ts\t\n#EXT-X-ENDLIST", one("a.ts", 9009*time.Millisecond, 4)},
		"target with fraction":  {"#EXTM3U\n#EXT-X-TARGETDURATION:10.0\n" + end, one("a.ts", 9009*time.Millisecond, 4)},
		"repeated tags":         {begin + begin + "#EXT-X-VERSION:3\n#EXT-X-VERSION:3\n" + end + "#EXT-X-ENDLIST", one("a.ts", 9009*time.Millisecond, 8)},
		"target in two forms":   {begin + "#EXT-X-TARGETDURATION:10.0\n" + end, one("a.ts", 9009*time.Millisecond, 5)},
		"group and artist":      {begin + "#EXTGRP:News\n#EXTALB:A\n#EXTART:B\n#EXTGENRE:C\n" + end, one("a.ts", 9009*time.Millisecond, 8)},
		"end of DOS":            {begin + end + "\x1a", one("a.ts", 9009*time.Millisecond, 4)},
		"end of DOS in a tag":   {begin + strings.TrimSuffix(end, "\n") + "\x1a", one("a.ts", 9009*time.Millisecond, 4)},
		"dots in a name":        {begin + "#EXTINF:5,\n././720p/././a.ts\n#EXT-X-ENDLIST", one("720p/a.ts", 5*time.Second, 4)},
		"number with fraction":  {begin + "#EXT-X-MEDIA-SEQUENCE:0.0\n" + end, one("a.ts", 9009*time.Millisecond, 5)},
		"below the playlist":    {begin + "#EXTINF:5,\n720p/1/a.ts\n#EXT-X-ENDLIST", one("720p/1/a.ts", 5*time.Second, 4)},
		"advertisement, dated":  {begin + "#EXT-X-DATERANGE:ID=\"splice-1\",START-DATE=\"2026-01-16T08:00:00Z\",X-COM-EXAMPLE-AD-ID=\"7\",SCTE35-OUT=0xFC\n" + end, one("a.ts", 9009*time.Millisecond, 5)},
		"advertisement, marked": {begin + "#EXT-SCTE35:CUE=\"/DAIAAAA\",ID=\"1\",TIME=3.5\n" + end, one("a.ts", 9009*time.Millisecond, 5)},
		"title that looks evil": {begin + "#EXTINF:5,http://evil/../x\na.ts\n#EXT-X-ENDLIST", one("a.ts", 5*time.Second, 4)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := playlist.Parse(iotest.OneByteReader(strings.NewReader(c.text)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(playlist.Playlist{Media: c.want}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestVariantsTaken reads lists of variants as live servers write them.
func TestVariantsTaken(t *testing.T) {
	t.Parallel()
	hd := playlist.Variant{Name: "hd/index.m3u8", Bandwidth: 800_000, Width: 1280, Height: 720, Codecs: "avc1.64001f,mp4a.40.2", Line: 3}
	plain := playlist.Variant{Name: "hd/index.m3u8", Bandwidth: 800_000, Line: 3}
	for list, want := range map[string]playlist.Variant{
		`BANDWIDTH=800000,RESOLUTION=1280x720,CODECS="avc1.64001f,mp4a.40.2"`:                 hd,
		`PROGRAM-ID=1, BANDWIDTH=800000, RESOLUTION=1280x720, CODECS="avc1.64001f,mp4a.40.2"`: hd,
		` BANDWIDTH = 799999.5 ,	RESOLUTION=1280X720,CODECS="avc1.64001f,mp4a.40.2" ,`:        hd,
		`BANDWIDTH="800000",RESOLUTION="1280x720",CODECS="avc1.64001f,mp4a.40.2"`:             hd,
		`BANDWIDTH=800000.0,,NAME=High quality,BANDWIDTH=800000.0`:                            plain,
		"\u3000BANDWIDTH\u00a0=\u3000800000\u3000,PROGRAM_ID=1":                               plain,
		`BANDWIDTH=800000,BANDWIDTH=800000.0`:                                                 plain,
		`BANDWIDTH=800000,RESOLUTION=0x0`:                                                     plain,
	} {
		got, err := playlist.Parse(strings.NewReader("#EXTM3U\n#EXT-X-STREAM-INF:" + list + "\nhd/index.m3u8\n"))
		if err != nil {
			t.Errorf("%s: %v", list, err)
			continue
		}
		if diff := cmp.Diff([]playlist.Variant{want}, got.Master.Variants); diff != "" {
			t.Errorf("%s (-want +got):\n%s", list, diff)
		}
	}
}

func TestBest(t *testing.T) {
	t.Parallel()
	list, err := playlist.Parse(strings.NewReader("#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"x, y\"\n" +
		"#EXT-X-SESSION-DATA:DATA-ID=\"a\",VALUE=\"b\"\n" +
		"#EXT-X-STREAM-INF:BANDWIDTH=1\nlow\n#EXT-X-STREAM-INF:BANDWIDTH=3,AUDIO=\"a\"\nhigh\n#EXT-X-STREAM-INF:BANDWIDTH=3\nequal\n"))
	if err != nil {
		t.Fatal(err)
	}
	if best := list.Master.Best(); best.Name != "high" || len(list.Master.Variants) != 3 {
		t.Errorf("%+v of %+v", best, list.Master.Variants)
	}
}

// TestParseMedia refuses a variant that lists variants.
func TestParseMedia(t *testing.T) {
	t.Parallel()
	if list, err := playlist.ParseMedia(strings.NewReader(begin + end)); err != nil || len(list.Segments) != 1 {
		t.Errorf("segments: %+v, %v", list, err)
	}
	_, err := playlist.ParseMedia(strings.NewReader("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nself.m3u8\n"))
	if fault, ok := errors.AsType[*playlist.Error](err); !ok || !strings.Contains(fault.Reason, "must list segments") {
		t.Errorf("variants: %v", err)
	}
	if _, err := playlist.ParseMedia(strings.NewReader("")); err == nil {
		t.Error("nothing is taken for a list")
	}
}

// TestUnreadable tells a store that fails from a playlist that is wrong.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	for n := range len(begin + end) {
		_, err := playlist.Parse(io.MultiReader(strings.NewReader((begin + end)[:n]), iotest.ErrReader(broken)))
		if _, ok := errors.AsType[*playlist.Error](err); ok || !errors.Is(err, broken) {
			t.Errorf("broken behind %d bytes: %v", n, err)
		}
	}
}

func ExampleParse() {
	list, err := playlist.Parse(strings.NewReader("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n../../etc/passwd\n"))
	fmt.Println(list.Media == nil)
	fmt.Println(err)
	// Output:
	// true
	// playlist: line 4: "../../etc/passwd" leads to another directory or host; only plain names of files in the playlist's own directory or below it are allowed
}
