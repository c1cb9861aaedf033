package bulk_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/bulk"
	"github.com/vod-reproduction/vod/service/object"
)

func TestPlanManifest(t *testing.T) {
	t.Parallel()
	j := openJournal(t, filepath.Join(t.TempDir(), "run.db"))
	defer func() { _ = j.Close() }()
	text := "\ufeff" + line("a.mp4", "a") + "\n  \n" + line("a.mp4", "a") + line("a.mp4", "other") + "{\n" +
		`{"video_type":"XX","title":"c","input":{"bucket":"media","location":"cn-north-4","object":"c.mp4"}}` + "\n" +
		`{"video_type":"MP4","title":"d","input":{"bucket":"m","location":"cn-north-4","object":"d"},"thumbnail":{"type":"time"},"template_group_name":"g"}`
	want := bulk.Plan{Read: true, Ready: 2, Refused: 3, Duplicates: 1, Snapshots: 1, Transcodes: 1, Copies: 2}
	for range 2 {
		if plan := planText(t, j, text); plan != want {
			t.Errorf("plan %+v, want %+v", plan, want)
		}
	}
	type fault struct {
		line        int64
		field, rule string
	}
	var faults []fault
	for _, item := range items(t, j, bulk.Refused) {
		violations, err := j.Violations(t.Context(), item)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range violations {
			faults = append(faults, fault{item.Line, v.Field, v.Rule})
		}
	}
	wantFaults := []fault{{5, "input.object", bulk.RuleDuplicate}, {6, "", "json"}, {7, "video_type", "enum"}}
	if !slices.Equal(faults, wantFaults) {
		t.Errorf("faults %v, want %v", faults, wantFaults)
	}
	groups, err := j.Groups(t.Context())
	if err != nil || len(groups) != 3 || groups[0].State != bulk.Refused || groups[0].Items != 1 {
		t.Errorf("groups %+v, %v", groups, err)
	}
}

// TestPlanMixture plans random lines, of which some repeat, contradict or break others, and then more of them. A model that
// looks at one line after the other says what comes of them.
func TestPlanMixture(t *testing.T) {
	t.Parallel()
	type request struct{ object, title string }
	rapid.Check(t, func(rt *rapid.T) {
		j := openJournal(t, filepath.Join(t.TempDir(), rapid.StringMatching(`[a-z]{12}`).Draw(rt, "name")+".db"))
		defer func() { _ = j.Close() }()
		all := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) request {
			return request{fmt.Sprintf("%d.mp4", rapid.IntRange(0, 150).Draw(rt, "object")), rapid.SampledFrom([]string{"a", "a", "a", "b", ""}).Draw(rt, "title")}
		}), 0, 200).Draw(rt, "requests")
		for _, n := range []int{len(all) / 2, len(all)} {
			want, ready, text := bulk.Plan{Read: true}, []request{}, ""
			for _, r := range all[:n] {
				text += line(r.object, r.title)
				same := slices.IndexFunc(ready, func(first request) bool { return first.object == r.object })
				switch {
				case r.title == "" || same >= 0 && ready[same] != r:
					want.Refused++
				case same >= 0:
					want.Duplicates++
				default:
					ready = append(ready, r)
					want.Ready++
					want.Copies++
				}
			}
			if plan := planText(t, j, text); plan != want {
				rt.Fatalf("plan %+v, want %+v", plan, want)
			}
			var got []request
			for _, item := range items(t, j, bulk.Pending) {
				got = append(got, request{item.Request().Input.Object, item.Request().Title})
			}
			inOrder := func(a, b request) int { return strings.Compare(a.object, b.object) }
			slices.SortFunc(got, inOrder)
			slices.SortFunc(ready, inOrder)
			if !slices.Equal(got, ready) {
				rt.Fatalf("ready is %v, want %v", got, ready)
			}
		}
	})
}

// TestPlanFile does not read a file again that is the same, and drops lines that have gone, unless they were sent.
func TestPlanFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openJournal(t, filepath.Join(dir, "run.db"))
	defer func() { _ = j.Close() }()
	m := &bulk.Manifest{Path: filepath.Join(dir, "m.jsonl")}
	plan := func(text string, options bulk.PlanOptions) bulk.Plan {
		t.Helper()
		if err := os.WriteFile(m.Path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := j.Plan(t.Context(), m, options)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := plan(lines(3), bulk.PlanOptions{}); got.Ready != 3 {
		t.Fatalf("first plan %+v", got)
	}
	first := items(t, j, bulk.Pending)[0]
	accept(t, j, first.ID)
	if got := plan(lines(3), bulk.PlanOptions{}); got != (bulk.Plan{}) {
		t.Errorf("the same file is planned again: %+v", got)
	}
	if got := plan(lines(3), bulk.PlanOptions{Options: "others"}); got.Known != 1 || got.Ready != 2 {
		t.Errorf("other options: %+v", got)
	}
	if got := plan(line("0.mp4", "clip 0")+line("2.mp4", "clip 2"), bulk.PlanOptions{}); got.Known != 1 || got.Ready != 1 {
		t.Errorf("a line less: %+v", got)
	}
	if left := items(t, j, bulk.Pending); len(left) != 1 {
		t.Errorf("%d items are pending", len(left))
	}
	if got := plan(line("0.mp4", "new title"), bulk.PlanOptions{}); got.Known != 1 || got.Changed != 1 || got.Ready != 0 {
		t.Errorf("another title: %+v", got)
	}
	if n, err := j.Changed(t.Context()); err != nil || n != 1 {
		t.Errorf("%d are changed, %v", n, err)
	}
	key := j.Key(first)
	if got := plan(line("0.mp4", "new title"), bulk.PlanOptions{Changed: true}); got.Again != 1 || got.Ready != 1 {
		t.Errorf("--changed: %+v", got)
	}
	again := items(t, j, bulk.Pending)
	if len(again) != 1 || again[0].Request().Title != "new title" || j.Key(again[0]) == key {
		t.Errorf("to dump again: %+v; the key must be a new one", again)
	}
}

// accept brings a pending item to Accepted.
func accept(t *testing.T, j *bulk.Journal, id int64) {
	t.Helper()
	for _, to := range [][2]bulk.State{{bulk.Pending, bulk.Sent}, {bulk.Sent, bulk.Accepted}} {
		if err := j.Record(id, to[0], to[1]); err != nil {
			t.Fatal(err)
		}
	}
}

// TestBuckets names the buckets of what is still to be sent.
func TestBuckets(t *testing.T) {
	t.Parallel()
	j := openJournal(t, filepath.Join(t.TempDir(), "run.db"))
	defer func() { _ = j.Close() }()
	entry := func(bucket, object, output string) string {
		return `{"video_type":"MP4","title":"t","input":{"bucket":"` + bucket + `","location":"cn-north-4","object":"` + object + `"},` +
			`"storage_mode":1,"output_bucket":"` + output + `","output_path":"x"}` + "\n"
	}
	planText(t, j, entry("sent", "a.mp4", "sent-out")+entry("b", "b.mp4", "out")+entry("b", "c.mp4", "b")+line("d.mp4", "d")+
		`{"title":"t","input":{"bucket":"refused","object":"e"}}`)
	accept(t, j, items(t, j, bulk.Pending)[0].ID)
	if got, err := j.Buckets(t.Context()); err != nil || !slices.Equal(got, []string{"b", "media", "out"}) {
		t.Errorf("buckets %q, %v", got, err)
	}
}

// TestPlanAmbiguous never touches what may have been accepted, whatever the source says.
func TestPlanAmbiguous(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "run.db")
	j := openJournal(t, path)
	planText(t, j, line("a.mp4", "old"))
	if err := j.Record(1, bulk.Pending, bulk.Sent); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = openJournal(t, path)
	defer func() { _ = j.Close() }()
	source := &fixed{entries: []bulk.Entry{{Line: 1, Request: request("a.mp4", "new")}}}
	if _, err := j.Plan(t.Context(), source, bulk.PlanOptions{Changed: true, Options: "others"}); err != nil {
		t.Fatal(err)
	}
	left := items(t, j, bulk.States...)
	if len(left) != 1 || left[0].State != bulk.Ambiguous || left[0].Request().Title != "old" || !left[0].Changed {
		t.Errorf("the item is %+v", left)
	}
}

// TestPlanStopped ends a plan whose source is a pipe that stalls, with an item that was read before.
func TestPlanStopped(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]string{"nothing": "", "one line": line("a.mp4", "a"), "half a line": `{"title":`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := openJournal(t, filepath.Join(t.TempDir(), "run.db"))
			defer func() { _ = j.Close() }()
			source, sink := io.Pipe()
			defer func() { _ = sink.Close() }() // lets the read go that is left behind
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				_, _ = io.WriteString(sink, first) // returns when it has been read
				cancel()
			}()
			for _, csv := range []bool{false, true} {
				if _, err := j.Plan(ctx, &bulk.Manifest{Reader: source, CSV: csv}, bulk.PlanOptions{}); !errors.Is(err, context.Canceled) {
					t.Errorf("CSV %t: %v", csv, err)
				}
			}
		})
	}
}

func request(key, title string) *gen.DumpRequest {
	return &gen.DumpRequest{VideoType: gen.VideoTypeMP4, Title: title, Input: gen.FileAddr{Bucket: "media", Location: "cn-north-4", Object: key}}
}

// fixed is a source of given entries.
type fixed struct{ entries []bulk.Entry }

func (f *fixed) Entries(context.Context) iter.Seq2[bulk.Entry, error] {
	return func(yield func(bulk.Entry, error) bool) {
		for _, e := range f.entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}
func (*fixed) Fingerprint(context.Context) (string, error) { return "", nil }
func (*fixed) Complete() bool                              { return false }

// listing is a bucket with given objects.
type listing []object.Info

func (l listing) List(context.Context, string, string) iter.Seq2[object.Info, error] {
	return func(yield func(object.Info, error) bool) {
		for _, info := range l {
			if !yield(info, nil) {
				return
			}
		}
	}
}

func (l listing) Stat(_ context.Context, _, key string) (object.Info, error) {
	for _, info := range l {
		if info.Key == key {
			return info, nil
		}
	}
	return object.Info{}, object.ErrNotFound
}

// Open serves the text that a playlist has instead of a content type.
func (l listing) Open(ctx context.Context, bucket, key string, _ object.Range, _ string) (io.ReadCloser, object.Info, error) {
	info, err := l.Stat(ctx, bucket, key)
	switch {
	case err != nil:
	case info.ContentType == denied:
		err = object.ErrDenied
	case info.Archived != "" && info.Archived != readable:
		err = object.ErrArchived
	}
	return io.NopCloser(strings.NewReader(info.ContentType)), info, err
}

const (
	denied   = "denied"   // the text of an object that may not be read
	readable = "READABLE" // the class of an archive that can be read at once
)

// TestPlanArchived leaves out and names what must be restored first, unless it was dumped before it was archived.
func TestPlanArchived(t *testing.T) {
	t.Parallel()
	j := openJournal(t, filepath.Join(t.TempDir(), "run.db"))
	defer func() { _ = j.Close() }()
	objects := listing{{Bucket: "media", Key: "a.mp4", Size: 1}, {Bucket: "media", Key: "b.mp4", Size: 1}, {Bucket: "media", Key: "notes.txt", Archived: "COLD"},
		{Bucket: "media", Key: "z.mp4", Size: 1, Archived: readable}}
	source := &bulk.Bucket{Store: objects, Bucket: "media", Location: "cn-north-4", Defaults: newDefaults(t, new(gen.DumpRequest))}
	for i, want := range []bulk.Plan{
		{Read: true, Ready: 3, Bytes: 3, Copies: 3, NotMedia: 1},
		{Read: true, Known: 1, Ready: 1, Bytes: 1, Copies: 1, Refused: 1, Archived: 1, NotMedia: 1},
		{Read: true, Known: 1, Ready: 2, Bytes: 2, Copies: 2, NotMedia: 1},
	} {
		class := []string{"", "DEEP_ARCHIVE", ""}[i]
		objects[0].Archived, objects[1].Archived = class, class
		if plan, err := j.Plan(t.Context(), source, bulk.PlanOptions{}); err != nil || plan != want {
			t.Errorf("plan %d: %+v, %v; want %+v", i, plan, err, want)
		}
		if i == 0 {
			accept(t, j, items(t, j, bulk.Pending)[0].ID)
		}
		if groups, err := j.Groups(t.Context()); i == 1 && (err != nil || len(groups) != 1 || groups[0].Rule != bulk.RuleArchived ||
			!strings.Contains(groups[0].Message, "obs://media/b.mp4 is archived (storage class DEEP_ARCHIVE)")) {
			t.Errorf("groups %+v, %v", groups, err)
		}
	}
}
