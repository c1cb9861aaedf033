package pipeline

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vod-reproduction/vod/service/asset"
)

const (
	low    = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\na.ts\n#EXTINF:4,\nb.ts\n#EXT-X-ENDLIST\n"
	high   = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nc.ts\n#EXTINF:4,\nb.ts\n#EXT-X-ENDLIST\n"
	nested = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n1/a.ts\n#EXT-X-ENDLIST\n"
	tree   = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100\n360p/index.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=900\n720p/index.m3u8\n"
	master = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100\nlow.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=900\nhigh.m3u8\n"
)

// recording is a directory of a tenant's bucket with a recording in two qualities.
var recording = map[string]string{
	"in/tree.m3u8": tree, "in/720p/index.m3u8": low, "in/720p/a.ts": "720 first", "in/720p/b.ts": "720 second", "in/360p/index.m3u8": nested, "in/360p/1/a.ts": "360",
	"in/all.m3u8": master, "in/low.m3u8": low, "in/high.m3u8": high, "in/a.ts": "first", "in/b.ts": "second", "in/c.ts": "better", "secret.ts": "another's",
}

// playlistOf is a request for a playlist, whose results go beside it.
func (p *place) playlistOf(key string) asset.New {
	n := p.request(key)
	n.VideoType, n.StorageMode, n.OutputBucket, n.OutputPath = asset.TypeHLS, 1, p.tenant, "in"
	return n
}

func TestPlaylists(t *testing.T) {
	t.Parallel()
	for key, want := range map[string][]string{
		"in/all.m3u8": {"a.ts in/a.ts 5", "b.ts in/b.ts 6", "c.ts in/c.ts 6", "high.m3u8 in/high.m3u8 79", "low.m3u8 in/low.m3u8 79"},
		"in/tree.m3u8": {
			"360p/1/a.ts in/360p/1/a.ts 3", "360p/index.m3u8 in/360p/index.m3u8 65", "720p/a.ts in/720p/a.ts 9", "720p/b.ts in/720p/b.ts 10",
			"720p/index.m3u8 in/720p/index.m3u8 79",
		},
		"in/high.m3u8": {"b.ts in/b.ts 6", "c.ts in/c.ts 6"},
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, faults{})
			for name, text := range recording {
				p.put(name, []byte(text))
			}
			a := p.dump(p.playlistOf(key))
			if a.State != asset.Created {
				t.Fatalf("asset is %s: %s %s", a.State, a.ErrorCode, a.Reason)
			}
			p.expectMedia(a, []byte(recording[key]))
			if d := cmp.Diff(want, p.files(a)); d != "" {
				t.Errorf("files (-want +got):\n%s", d)
			}
			p.stopped()
			p.expectKeys(p.tenant, slices.Sorted(maps.Keys(recording))...)
			p.expectKeys(p.vod)
		})
	}
}

// A playlist that names what is not there, or what is not beside it, fails its asset with the line that does.
func TestPlaylistFaults(t *testing.T) {
	t.Parallel()
	media := func(names ...string) string {
		return "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n" + strings.Join(names, "\n#EXTINF:4,\n") + "\n#EXT-X-ENDLIST\n"
	}
	for name, c := range map[string]struct{ text, code, reason string }{
		"missing":         {media("a.ts", "gone.ts"), "VOD.10003", `no object "in/gone.ts" in bucket`},
		"line":            {media("a.ts", "gone.ts"), "VOD.10003", "line 6"},
		"empty segment":   {media("empty.ts"), "VOD.10076", "is empty"},
		"outside":         {media("../secret.ts"), "VOD.10063", "line 4"},
		"absolute":        {media("/secret.ts"), "VOD.10063", "line 4"},
		"http":            {media("http://127.0.0.1:9/a.ts"), "VOD.10063", "line 4"},
		"missing variant": {strings.Replace(master, "low.m3u8", "gone.m3u8", 1), "VOD.10003", "line 3"},
		"results":         {media("output/a.ts"), "VOD.10063", "for the results of the asset"},
		"steering":        {"#EXTM3U\n#EXT-X-CONTENT-STEERING:SERVER-URI=\"http://127.0.0.1:9/\"\n" + master[8:], "VOD.10063", "line 2: #EXT-X-CONTENT-STEERING"},
		"loop":            {strings.Replace(master, "low.m3u8", "list.m3u8", 1), "VOD.10063", "lists variants"},
		"key":             {"#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n" + media("a.ts")[8:], "VOD.10063", "line 2"},
		"no playlist":     {"film", "VOD.10063", "line 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, faults{})
			for name, text := range recording {
				p.put(name, []byte(text))
			}
			p.put("in/empty.ts", nil)
			p.put("in/list.m3u8", []byte(c.text))
			a := p.dump(p.playlistOf("in/list.m3u8"))
			if a.State != asset.CreateFailed || a.Attempt != 1 || a.ErrorCode != c.code || !strings.Contains(a.Reason, c.reason) {
				t.Errorf("asset is %s after %d attempts: %s %s; want %s %s", a.State, a.Attempt, a.ErrorCode, a.Reason, c.code, c.reason)
			}
			if files := p.files(a); len(files) != 0 {
				t.Errorf("the failed asset has the files %q", files)
			}
		})
	}
}
