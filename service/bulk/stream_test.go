package bulk_test

import (
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/bulk"
	"github.com/vod-reproduction/vod/service/object"
)

// TestPlanStreams dumps HLS streams by their playlists, whatever comes first in the listing, and at every start. What a
// playlist names is never dumped alone, however the playlist names it and whatever becomes of the playlist.
func TestPlanStreams(t *testing.T) {
	t.Parallel()
	list := func(names ...string) string {
		return "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n" + strings.Join(names, "\n#EXTINF:4,\n") + "\n#EXT-X-ENDLIST\n"
	}
	variants := func(names ...string) string {
		return "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n" + strings.Join(names, "\n#EXT-X-STREAM-INF:BANDWIDTH=1\n") + "\n"
	}
	const film = "film.mp4"
	for name, c := range map[string]struct {
		objects map[string]string
		filter  bulk.Filter
		want    []string
		plan    bulk.Plan // Read, Bytes and Copies are set by the test
	}{
		"master, variants and segments in one directory": {
			objects: map[string]string{"rec/a0.ts": "", "rec/a1.ts": "", "rec/b0.ts": "", "rec/low.m3u8": list("a0.ts", "a1.ts"), "rec/high.m3u8": list("b0.ts"), "rec/master.m3u8": variants("low.m3u8", "high.m3u8")},
			want:    []string{"rec/master.m3u8"}, plan: bulk.Plan{Segments: 5},
		},
		"master over directories": {
			objects: map[string]string{"out/720p/0.ts": "", "out/720p/index.m3u8": list("0.ts"), "out/master.m3u8": variants("720p/index.m3u8")},
			want:    []string{"out/master.m3u8"}, plan: bulk.Plan{Segments: 2},
		},
		"at the bucket's root": {
			objects: map[string]string{"0.ts": "", "a.m3u8": list("0.ts")}, want: []string{"a.m3u8"}, plan: bulk.Plan{Segments: 1},
		},
		"beside, but not named": {
			objects: map[string]string{"rec/0.ts": "", "rec/other.ts": "", "rec/a.m3u8": list("0.ts"), "rec/b.m3u8": list("0.ts")},
			want:    []string{"rec/a.m3u8", "rec/b.m3u8", "rec/other.ts"}, plan: bulk.Plan{Segments: 1},
		},
		"encrypted, fragmented, live, with sound apart": {
			objects: map[string]string{
				"rec/init.mp4": "", "rec/0.mp4": "", "rec/sound.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n0.aac\n", "rec/0.aac": "", "rec/iframes.m3u8": list("0.mp4"),
				"rec/picture.m3u8": "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"key.mp4\"\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:4,\n0.mp4\n",
				"rec/all.m3u8":     "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI = \"sound.m3u8\"\n#EXT-X-I-FRAME-STREAM-INF:URI=\"iframes.m3u8\"\n" + variants("picture.m3u8")[8:],
			},
			want: []string{"rec/all.m3u8"}, plan: bulk.Plan{Segments: 6},
		},
		"named as addresses": {
			objects: map[string]string{
				"rec/a b.ts": "", "rec/1.ts": "", "rec/2.ts": "", "rec/3.ts": "", "rec/4.ts": "",
				"rec/l/a.m3u8": list("../a%20b.ts?token=7", "/rec/1.ts", "/media/rec/2.ts", "https://media.obs.example/rec/3.ts", "https://obs.example/media/rec/4.ts"),
			},
			want: []string{"rec/l/a.m3u8"}, plan: bulk.Plan{Segments: 5},
		},
		"named as some players read": {
			objects: map[string]string{
				"rec/sub/0.ts": "", "rec/100% s.ts": "", "rec/v/2.ts": "", "rec/sound.m3u8": list("3.ts"), "rec/3.ts": "",
				"rec/a.m3u8": "#EXTM3U\n#EXT-X-DEFINE:NAME=\"dir\",VALUE=\"v\"\n" + list(`sub\0.ts`, "100%%20s.ts", "{$dir}/2.ts")[8:],
				"rec/b.m3u8": "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI= sound.m3u8 ,NAME=\"a\"\n" + variants("a.m3u8")[8:],
			},
			want: []string{"rec/b.m3u8"}, plan: bulk.Plan{Segments: 6},
		},
		"refused for its line ends or its first line": {
			objects: map[string]string{
				"rec/0.ts": "", "rec/1.ts": "", "rec/2.ts": "", "rec/a.m3u8": strings.ReplaceAll(list("0.ts"), "\n", "\r"),
				"rec/b.m3u8": "\n" + list("1.ts"), "rec/c.m3u8": list("2.ts")[8:],
			},
			plan: bulk.Plan{Segments: 3, Refused: 3},
		},
		"named in the other form of Unicode": {
			objects: map[string]string{"rec/e\u0301.ts": "", "rec/\u00e9t\u00e9.ts": "", "rec/a.m3u8": list("\u00e9.ts", "e\u0301te\u0301.ts")},
			want:    []string{"rec/a.m3u8"}, plan: bulk.Plan{Segments: 2},
		},
		"in UTF-16": {
			objects: map[string]string{"rec/0.ts": "", "rec/1.ts": "", "rec/a.m3u8": utf16(t, "\ufeff"+list("0.ts")), "rec/b.m3u8": utf16(t, list("1.ts"))},
			plan:    bulk.Plan{Segments: 2, Refused: 2},
		},
		"with a byte order mark": {
			objects: map[string]string{"rec/0.ts": "", "rec/a.m3u8": "\ufeff" + list("0.ts")}, plan: bulk.Plan{Segments: 1, Refused: 1},
		},
		"filtered out": {
			objects: map[string]string{"rec/0.ts": "", "rec/a.m3u8": list("0.ts"), film: ""},
			filter:  bulk.Filter{Types: []gen.VideoType{gen.VideoTypeTS, gen.VideoTypeMP4}},
			want:    []string{film}, plan: bulk.Plan{Segments: 1, Filtered: 1},
		},
		"unreadable": {
			objects: map[string]string{"rec/0.ts": "", "rec/a.m3u8": denied, "rec/sub/0.ts": "", "rec/sub/b.m3u8": list("0.ts"), film: "", "0.ts": ""},
			want:    []string{"0.ts", film, "rec/a.m3u8"}, plan: bulk.Plan{Segments: 3, Unread: 1},
		},
		"naming each other": {
			objects: map[string]string{"rec/a.m3u8": variants("b.m3u8"), "rec/b.m3u8": variants("c.m3u8"), "rec/c.m3u8": variants("a.m3u8", "0.ts"), "rec/0.ts": "", film: ""},
			want:    []string{film}, plan: bulk.Plan{Segments: 1, Refused: 3},
		},
		"variants that report on each other": {
			objects: map[string]string{
				"rec/0.ts": "", "rec/1.ts": "", "rec/a.m3u8": list("0.ts") + "#EXT-X-RENDITION-REPORT:URI=\"b.m3u8\"\n",
				"rec/b.m3u8": list("1.ts") + "#EXT-X-RENDITION-REPORT:URI=\"a.m3u8\"\n", "rec/master.m3u8": variants("a.m3u8", "b.m3u8"),
			},
			want: []string{"rec/master.m3u8"}, plan: bulk.Plan{Segments: 4},
		},
		"naming each other, left out": {
			objects: map[string]string{"rec/a.m3u8": variants("b.m3u8"), "rec/b.m3u8": variants("a.m3u8"), film: ""},
			filter:  bulk.Filter{Types: []gen.VideoType{gen.VideoTypeMP4}},
			want:    []string{film}, plan: bulk.Plan{Filtered: 2},
		},
		"named m3u, and a list of music": {
			objects: map[string]string{"rec/0.ts": "", "rec/a.M3U": list("0.ts"), "music.m3u": "#EXTM3U\n#EXTINF:10,Film\n" + film, "b.m3u": film, film: ""},
			want:    []string{film, "rec/a.M3U"}, plan: bulk.Plan{Segments: 1, NotMedia: 2},
		},
		"named m3u, and unreadable": {
			objects: map[string]string{"music.m3u": denied, "0.ts": "", "sub/0.ts": "", film: ""},
			want:    []string{"0.ts", film, "sub/0.ts"}, plan: bulk.Plan{NotMedia: 1},
		},
		"no HLS": {
			objects: map[string]string{"a.m3u8": "#EXTM3U\n#EXTINF:10,Film\n" + film, "b.m3u8": "film", film: ""},
			want:    []string{film}, plan: bulk.Plan{Refused: 2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var objects listing
			for _, key := range slices.Sorted(maps.Keys(c.objects)) {
				objects = append(objects, object.Info{Bucket: "media", Key: key, Size: 10, ETag: "e", ContentType: c.objects[key]})
			}
			for range 2 { // in one order and in the other
				planStreams(t, objects, c.filter, c.plan, c.want)
				slices.Reverse(objects)
			}
		})
	}
}

func utf16(t *testing.T, text string) string {
	t.Helper()
	encoded, err := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func planStreams(t *testing.T, objects listing, filter bulk.Filter, want bulk.Plan, keys []string) {
	t.Helper()
	j := openJournal(t, filepath.Join(t.TempDir(), "run.db"))
	defer func() { _ = j.Close() }()
	source := &bulk.Bucket{Store: objects, Bucket: "media", Location: "cn-north-4", Filter: filter, Defaults: newDefaults(t, &gen.DumpRequest{
		StorageMode: new(gen.StorageModeVOD), OutputPath: new("elsewhere"),
	})}
	want.Read, want.Ready = true, int64(len(keys))
	for start := range 2 {
		plan, err := j.Plan(t.Context(), source, bulk.PlanOptions{})
		if err != nil {
			t.Fatal(err)
		}
		want.Bytes, want.Copies = 10*want.Ready, plan.Copies
		if plan != want {
			t.Errorf("start %d: plan %+v, want %+v", start, plan, want)
		}
		var got []string
		for _, item := range items(t, j, bulk.States...) {
			r := item.Request()
			if item.State != bulk.Refused {
				got = append(got, r.Input.Object)
			}
			if dir := strings.TrimSuffix(path.Dir(r.Input.Object), "."); r.VideoType == gen.VideoTypeHLS && (r.GetStorageMode() != gen.StorageModeTenant || r.GetOutputBucket() != "media" || r.GetOutputPath() != dir) {
				t.Errorf("%s goes to %d %s %s", r.Input.Object, r.GetStorageMode(), r.GetOutputBucket(), r.GetOutputPath())
			}
		}
		if slices.Sort(got); !slices.Equal(got, keys) {
			t.Errorf("start %d: %q are dumped, want %q", start, got, keys)
		}
		if start == 0 {
			for _, item := range items(t, j, bulk.Pending) {
				if item.Request().VideoType == gen.VideoTypeHLS {
					accept(t, j, item.ID)
					want.Known++
					want.Ready--
				}
			}
		}
	}
}

// A playlist cannot be dumped either while what it names is archived.
func TestPlanArchivedSegments(t *testing.T) {
	t.Parallel()
	list := "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n0.ts\n#EXTINF:4,\n1.ts\n#EXT-X-ENDLIST\n"
	for name, c := range map[string]struct {
		classes [2]string
		want    bulk.Plan
	}{
		"all":      {[2]string{"COLD", "COLD"}, bulk.Plan{Read: true, Refused: 3, Archived: 3}},
		"the last": {[2]string{"", "COLD"}, bulk.Plan{Read: true, Segments: 1, Refused: 2, Archived: 2}},
		"none":     {[2]string{"", ""}, bulk.Plan{Read: true, Segments: 2, Ready: 1, Bytes: 1, Copies: 0}},
	} {
		j := openJournal(t, filepath.Join(t.TempDir(), "run.db"))
		objects := listing{{Bucket: "media", Key: "r/0.ts", Size: 1, Archived: c.classes[0]}, {Bucket: "media", Key: "r/1.ts", Size: 1, Archived: c.classes[1]},
			{Bucket: "media", Key: "r/a.m3u8", Size: 1, ContentType: list}}
		source := &bulk.Bucket{Store: objects, Bucket: "media", Location: "cn-north-4", Defaults: newDefaults(t, new(gen.DumpRequest))}
		plan, err := j.Plan(t.Context(), source, bulk.PlanOptions{})
		if err != nil || plan != c.want {
			t.Errorf("%s: %+v, %v; want %+v", name, plan, err, c.want)
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}
}
