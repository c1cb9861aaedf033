package bulk_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/bulk"
	"github.com/vod-reproduction/vod/service/object"
)

// TestPlanTwice meets one object twice in a plan, in a listing that changes under way, in overlapping sources, and in lines.
func TestPlanTwice(t *testing.T) {
	t.Parallel()
	bucket := func(infos ...object.Info) bulk.Source {
		for i := range infos {
			infos[i].Bucket, infos[i].Key = "media", "a.mp4"
		}
		return &bulk.Bucket{Store: listing(infos), Bucket: "media", Location: "cn-north-4", Defaults: newDefaults(t, new(gen.DumpRequest))}
	}
	manifest := func(text string) bulk.Source {
		return &bulk.Manifest{Reader: strings.NewReader(text), Defaults: newDefaults(t, &gen.DumpRequest{Input: gen.FileAddr{Location: "cn-north-4"}})}
	}
	const address = "obs://media/a.mp4\n"
	small, large := object.Info{Size: 10, ETag: "a"}, object.Info{Size: 30, ETag: "b"}
	for name, c := range map[string]struct {
		sources func() bulk.Sources
		want    bulk.Plan
		again   bulk.Plan // when the object was sent before
		why     string
	}{
		"replaced while it is listed": {
			sources: func() bulk.Sources { return bulk.Sources{bucket(small, large)} },
			want:    bulk.Plan{Ready: 1, Duplicates: 1, Bytes: 30, Copies: 1}, again: bulk.Plan{Known: 1, Changed: 1, Duplicates: 1},
		},
		"overlapping prefixes": {
			sources: func() bulk.Sources {
				return bulk.Sources{bucket(small), bucket(object.Info{Size: 10, ModTime: time.Unix(1, 0)})}
			},
			want: bulk.Plan{Ready: 1, Duplicates: 1, Bytes: 10, Copies: 1}, again: bulk.Plan{Known: 1, Changed: 1, Duplicates: 1},
		},
		"in a bucket and in a line": {
			sources: func() bulk.Sources { return bulk.Sources{bucket(small), manifest(address)} },
			want:    bulk.Plan{Ready: 1, Duplicates: 1, Bytes: 10, Copies: 1}, again: bulk.Plan{Known: 1, Duplicates: 1},
		},
		"in a line and in a bucket": {
			sources: func() bulk.Sources { return bulk.Sources{manifest("\n" + address), bucket(small)} },
			want:    bulk.Plan{Ready: 1, Duplicates: 1, Copies: 1}, again: bulk.Plan{Known: 1, Duplicates: 1},
		},
		"in a bucket, and with another title": {
			sources: func() bulk.Sources { return bulk.Sources{bucket(small), manifest(line("a.mp4", "other"))} },
			want:    bulk.Plan{Ready: 1, Refused: 1, Bytes: 10, Copies: 1}, again: bulk.Plan{Known: 1, Refused: 1},
			why: "a bucket among the sources dumps the same object with other settings",
		},
		"with another title, and in a bucket": {
			sources: func() bulk.Sources { return bulk.Sources{manifest("\n" + line("a.mp4", "other")), bucket(small)} },
			want:    bulk.Plan{Ready: 1, Refused: 1, Copies: 1}, again: bulk.Plan{Known: 1, Refused: 1},
			why: "line 2 dumps the same object with other settings",
		},
		"in two manifests": {
			sources: func() bulk.Sources {
				return bulk.Sources{manifest("\n" + line("a.mp4", "other")), manifest(line("a.mp4", "a"))}
			},
			want: bulk.Plan{Ready: 1, Refused: 1, Copies: 1}, again: bulk.Plan{Known: 1, Refused: 1},
			why: "line 2 of an earlier source dumps the same object",
		},
		"further down in the second manifest": {
			sources: func() bulk.Sources {
				return bulk.Sources{manifest(line("a.mp4", "other")), manifest("\n" + line("a.mp4", "a"))}
			},
			want: bulk.Plan{Ready: 1, Refused: 1, Copies: 1}, again: bulk.Plan{Known: 1, Refused: 1},
			why: "line 1 of this source or an earlier one dumps the same object",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := openJournal(t, filepath.Join(t.TempDir(), "run.db"))
			defer func() { _ = j.Close() }()
			for _, want := range []bulk.Plan{c.want, c.again} {
				plan, err := j.Plan(t.Context(), c.sources(), bulk.PlanOptions{})
				if want.Read = true; err != nil || plan != want {
					t.Errorf("plan %+v, %v; want %+v", plan, err, want)
				}
				if groups, err := j.Groups(t.Context()); err != nil || (len(groups) > 0) != (c.why != "") || c.why != "" && !strings.Contains(groups[0].Message, c.why) {
					t.Errorf("groups %+v, %v; want %q", groups, err, c.why)
				}
				for _, item := range items(t, j, bulk.Pending) {
					accept(t, j, item.ID)
				}
			}
		})
	}
}

// TestPlanChangedTwice meets a line twice that was sent with another title: it repeats the other line.
func TestPlanChangedTwice(t *testing.T) {
	t.Parallel()
	j := openJournal(t, filepath.Join(t.TempDir(), "run.db"))
	defer func() { _ = j.Close() }()
	planText(t, j, line("a.mp4", "old"))
	accept(t, j, items(t, j, bulk.Pending)[0].ID)
	for range 2 {
		want := bulk.Plan{Read: true, Known: 1, Changed: 1, Duplicates: 1, Refused: 1}
		if plan := planText(t, j, line("a.mp4", "new")+line("a.mp4", "new")+line("a.mp4", "old")); plan != want {
			t.Errorf("plan %+v, want %+v", plan, want)
		}
	}
}
