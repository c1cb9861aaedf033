package media_test

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// watch is media of another owner, and a host of the network, that files refer
// to: it counts how often each was turned to.
type watch struct {
	canary string // path of a file of type TS
	notify int
	url    string
	hits   atomic.Int64
}

func newWatch(t *testing.T) *watch {
	t.Helper()
	w := &watch{canary: mediatest.Sample(t, "TS")}
	var err error
	if w.notify, err = unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(w.notify) })
	if _, err := unix.InotifyAddWatch(w.notify, w.canary, unix.IN_OPEN|unix.IN_ACCESS); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.url = "http://" + listener.Addr().String()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			w.hits.Add(1)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return w
}

// opened reports whether the canary was opened or read since it was last asked.
func (w *watch) opened(t *testing.T) bool {
	t.Helper()
	var events [4096]byte
	n, err := unix.Read(w.notify, events[:])
	if err != nil && err != unix.EAGAIN { //nolint:errorlint // a bare system call
		t.Fatal(err)
	}
	return n > 0
}

// disguises are files that refer to others. Each one names the canary and the network.
func (w *watch) disguises(t *testing.T) map[string][]byte {
	t.Helper()
	picture := filepath.Join(t.TempDir(), "picture.png")
	mediatest.FFmpeg(t, "-f", "lavfi", "-i", "testsrc=size=64x64", "-frames:v", "1", picture)
	still, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	port := w.url[strings.LastIndex(w.url, ":")+1:]
	disguises := map[string][]byte{"image pattern": still}
	for name, text := range map[string]string{
		"playlist": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-KEY:METHOD=AES-128,URI=\"%[2]s/key\"\n#EXTINF:1,\n%[1]s\n" +
			"#EXT-X-KEY:METHOD=NONE\n#EXTINF:1,\n%[2]s/a.ts\n#EXT-X-ENDLIST\n",
		"ffconcat": "ffconcat version 1.0\nfile '%[1]s'\nfile '%[2]s/a.ts'\n",
		"mpd": `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="video/mp4">
			<Representation id="a" bandwidth="1"><BaseURL>file:%[1]s</BaseURL></Representation><Representation id="b" bandwidth="2"><BaseURL>%[2]s/b.mp4</BaseURL></Representation>
			</AdaptationSet></Period></MPD>`,
		"sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\na=control:%[2]s/\nm=video %[3]s RTP/AVP 96\na=rtpmap:96 H264/90000\n",
		"svg": `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64">` +
			`<image width="64" height="64" xlink:href="file://%[1]s"/><image width="64" height="64" xlink:href="%[2]s/a.png"/></svg>`,
	} {
		disguises[name] = fmt.Appendf(nil, text, w.canary, w.url, port)
	}
	return disguises
}

// TestWatchSees makes sure that the watch would see what TestNoDisguiseCrosses looks for.
func TestWatchSees(t *testing.T) {
	w := newWatch(t)
	disguises := w.disguises(t)
	for name, options := range map[string][]string{
		"ffconcat": {"-safe", "0", "-protocol_whitelist", "file,http,tcp"},
		"playlist": {"-protocol_whitelist", "file,http,tcp,crypto", "-allowed_extensions", "ALL", "-allowed_segment_extensions", "ALL", "-extension_picky", "0"},
	} {
		path := filepath.Join(t.TempDir(), "video.m3u8") // newer versions take a playlist for none under another extension
		if err := os.WriteFile(path, disguises[name], 0o600); err != nil {
			t.Fatal(err)
		}
		mediatest.NoSandbox(t, slices.Concat(options, []string{"-i", path, "-f", "null", "-"})...)
		if !w.opened(t) {
			t.Errorf("%s: the canary was not opened", name)
		}
	}
	if w.hits.Load() == 0 {
		t.Error("no connection was made")
	}
}

func TestNoDisguiseCrosses(t *testing.T) {
	servicetest.SkipShort(t, "hundreds of disguises")
	tools, w := find(t, media.Limits{}), newWatch(t)
	var tried atomic.Int64
	t.Run("each", func(t *testing.T) {
		for name, content := range w.disguises(t) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				// The name is a pattern of the picture beside it.
				dir := t.TempDir()
				for _, file := range []string{"%03d", "001"} {
					if err := os.WriteFile(filepath.Join(dir, file), content, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				for _, videoType := range mediatest.Types() {
					_, err := tools.Probe(t.Context(), media.Input{Path: filepath.Join(dir, "%03d"), Type: videoType})
					refused(t, err, media.Mismatch, media.Broken)
					tried.Add(1)
				}
			})
		}
	})
	if w.opened(t) || w.hits.Load() != 0 {
		t.Errorf("the canary was opened, or %d connections were made", w.hits.Load())
	}
	t.Logf("%d disguises refused", tried.Load())
}

// TestReferenceMovie reads a true movie whose samples are said to lie in the canary.
func TestReferenceMovie(t *testing.T) {
	servicetest.SkipShort(t, "it tries each type of the family")
	tools, w := find(t, media.Limits{}), newWatch(t)
	path := mediatest.Sample(t, "MOV")
	movie, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	movie, references := refer(movie, w.canary)
	if references != 2 {
		t.Fatalf("%d references were laid, not those of picture and sound", references)
	}
	if err := os.WriteFile(path, movie, 0o600); err != nil {
		t.Fatal(err)
	}
	// ffmpeg follows them where it is told to.
	mediatest.NoSandbox(t, "-enable_drefs", "1", "-use_absolute_path", "1", "-i", path, "-f", "null", "-")
	if !w.opened(t) {
		t.Fatal("the reference leads nowhere")
	}
	for _, videoType := range []string{"MP4", "MOV", "M4V", "F4V", "3GP", "M4A", "M4R"} {
		in := media.Input{Path: path, Type: videoType}
		info, err := tools.Probe(t.Context(), in)
		if err == nil && info.Video != nil {
			_, err = tools.Snapshots(t.Context(), in, info, []time.Duration{0}, media.Picture{MaxLength: 64}, t.TempDir(), func(int, int) {})
		}
		if err != nil {
			refused(t, err, media.Broken)
		}
	}
	if w.opened(t) {
		t.Error("the canary was opened")
	}
}

// refer rewrites the data references of a movie, which lies behind the samples,
// so that they name another file.
func refer(boxes []byte, target string) (rewritten []byte, references int) {
	for len(boxes) >= 8 {
		size := int(binary.BigEndian.Uint32(boxes))
		if size < 8 || size > len(boxes) {
			break
		}
		kind, body := string(boxes[4:8]), boxes[8:size]
		boxes = boxes[size:]
		switch kind {
		case "moov", "trak", "mdia", "minf", "dinf":
			inner, n := refer(body, target)
			body, references = inner, references+n
		case "dref":
			body, references = slices.Concat(body[:4], []byte{0, 0, 0, 1}, alias(target)), references+1
		}
		rewritten = slices.Concat(rewritten, binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), []byte(kind), body)
	}
	return append(rewritten, boxes...), references
}

// alias is a reference in the manner of the Macintosh: a fixed record with the
// name of the disk, then tagged values, of which 2 is the path.
func alias(target string) []byte {
	record := make([]byte, 150)
	copy(record[10:], "\x04disk")
	path := "disk" + strings.ReplaceAll(target, "/", ":")
	path += strings.Repeat("\x00", len(path)%2)
	body := slices.Concat([]byte("alis\x00\x00\x00\x00"), record,
		[]byte("\x00\x02"), binary.BigEndian.AppendUint16(nil, uint16(len(path))), []byte(path), []byte("\xff\xff\x00\x00"))
	return slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(4+len(body))), body)
}
