//go:build unix

package bulk_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/sidebyside"
	"github.com/vod-reproduction/vod/service/bulk"
	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/sqlite"
)

const (
	benchLines    = 20_000
	benchTurns    = 5
	benchInFlight = 64
)

// free takes every dump at once, so that everything but the HTTP request is measured.
type free struct{}

func (free) DumpBody(context.Context, []byte, ...client.DumpOption) (string, error) {
	return "0123456789abcdef0123456789abcdef", nil
}
func (free) HonorsKeys(context.Context) bool { return false }
func (free) SearchPage(context.Context, client.Search, int) ([]companions.AssetInfo, bool, error) {
	return nil, false, nil
}
func (free) Assets(context.Context, ...string) ([]companions.AssetInfo, error) {
	return nil, nil
}

// pages lists a bucket of n objects whose pages cost nothing.
type pages struct {
	bulk.Objects
	n int
}

func (l pages) List(_ context.Context, bucket, _ string) iter.Seq2[object.Info, error] {
	changed := time.Unix(1_700_000_000, 0)
	return func(yield func(object.Info, error) bool) {
		for i := range l.n {
			info := object.Info{Bucket: bucket, Key: fmt.Sprintf("show/season/episode-%08d.mp4", i), Size: 1 << 20,
				ETag: "0123456789abcdef0123456789abcdef", ModTime: changed}
			if !yield(info, nil) {
				return
			}
		}
	}
}

// manifest writes a file of n lines after a header.
func manifest(tb testing.TB, n int, header, line string) *bulk.Manifest {
	tb.Helper()
	name := filepath.Join(tb.TempDir(), "manifest")
	file, err := os.Create(name)
	if err != nil {
		tb.Fatal(err)
	}
	w := bufio.NewWriter(file)
	_, _ = w.WriteString(header)
	for i := range n {
		_, _ = fmt.Fprintf(w, line, i)
	}
	if err := w.Flush(); err != nil { // reports errors of all lines
		tb.Fatal(err)
	}
	if err := file.Close(); err != nil {
		tb.Fatal(err)
	}
	return &bulk.Manifest{Path: name}
}

func bodies(tb testing.TB, n int) *bulk.Manifest {
	tb.Helper()
	return manifest(tb, n, "", `{"video_type":"MP4","title":"Episode %[1]d","tags":"show,season","auto_publish":1,`+
		`"input":{"bucket":"media","location":"cn-north-4","object":"show/season/episode-%08[1]d.mp4"}}`+"\n")
}

// BenchmarkBesideJournal takes objects from their source to accepted, beside the least that records the same: a loop that
// makes the same changes to a database with prepared statements, in as large transactions.
func BenchmarkBesideJournal(b *testing.B) {
	defaults, err := bulk.NewDefaults(&gen.DumpRequest{Input: gen.FileAddr{Location: "cn-north-4"}},
		func(string) gen.VideoType { return gen.VideoTypeMP4 },
		func(key string) string { return strings.TrimSuffix(path.Base(key), ".mp4") })
	if err != nil {
		b.Fatal(err)
	}
	for name, source := range map[string]bulk.Source{
		"a line of request bodies": bodies(b, benchLines),
		"a line of a table": manifest(b, benchLines, "video_type,title,tags,auto_publish,bucket,location,object\n",
			"MP4,Episode %[1]d,\"show,season\",1,media,cn-north-4,show/season/episode-%08[1]d.mp4\n"),
		"an object of a bucket": &bulk.Bucket{Store: pages{n: benchLines}, Bucket: "media", Location: "cn-north-4", Defaults: defaults},
	} {
		b.Run(name+", from the source to accepted, processor time", func(b *testing.B) {
			sidebyside.CompareProcessor(b, benchLines, benchTurns, func(n int) { dumpAll(b, source, n) }, func(n int) { recordAll(b, n) })
		})
	}
}

// dumpAll plans and runs a source of n objects with a new journal.
func dumpAll(b *testing.B, source bulk.Source, n int) {
	journal := openJournal(b, filepath.Join(b.TempDir(), "run.db"))
	defer func() { _ = journal.Close() }()
	if plan, err := journal.Plan(b.Context(), source, bulk.PlanOptions{}); err != nil || plan.Ready != int64(n) {
		b.Fatalf("%+v %v", plan, err)
	}
	if err := bulk.Run(b.Context(), journal, bulk.Config{Service: free{}, Rate: 1e9, Burst: 1e6, Concurrency: benchInFlight}); err != nil {
		b.Fatal(err)
	}
	if counts, err := journal.Counts(b.Context()); err != nil || counts[bulk.Accepted] != int64(n) {
		b.Fatalf("%v %v", counts, err)
	}
}

// recordAll writes what the plan and the run of n objects leave in a journal.
func recordAll(b *testing.B, n int) {
	db, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "bare.db"), 1, "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-8192)",
		"wal_autocheckpoint(8000)")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(b.Context(), `
		CREATE TABLE item (id INTEGER PRIMARY KEY, identity BLOB NOT NULL UNIQUE, version TEXT NOT NULL, body TEXT NOT NULL);
		CREATE TABLE status (id INTEGER PRIMARY KEY, state INTEGER NOT NULL, asset_id TEXT NOT NULL DEFAULT '')`); err != nil {
		b.Fatal(err)
	}
	group := func(text string, first, end int, arguments func(i int) []any) error {
		tx, err := db.BeginTx(b.Context(), nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		statement, err := tx.PrepareContext(b.Context(), text)
		if err != nil {
			return err
		}
		defer func() { _ = statement.Close() }()
		for i := first; i < end; i++ {
			if _, err := statement.ExecContext(b.Context(), arguments(i)...); err != nil {
				return err
			}
		}
		return tx.Commit()
	}
	inGroups := func(size int, text string, arguments func(i int) []any) {
		for first := 0; first < n; first += size {
			if err := group(text, first, min(first+size, n), arguments); err != nil {
				b.Fatal(err)
			}
		}
	}
	body := strings.Repeat("x", 180)
	identity := make([]byte, 16)
	inGroups(bulk.ItemsPerTransaction, "INSERT INTO item VALUES (?, ?, ?, ?)", func(i int) []any {
		_, _ = rand.Read(identity) // never fails
		return []any{i, identity, "0123456789abcdef0123456789abcdef", body}
	})
	inGroups(bulk.ItemsPerTransaction, "INSERT INTO status (id, state) VALUES (?, 0)", func(i int) []any { return []any{i} })
	inGroups(benchInFlight, "UPDATE status SET state = 1 WHERE id = ?", func(i int) []any { return []any{i} })
	inGroups(benchInFlight, "UPDATE status SET state = 2, asset_id = ? WHERE id = ?", func(i int) []any {
		return []any{"0123456789abcdef0123456789abcdef", i}
	})
}

// BenchmarkBesideManifest starts a run again that has dumped every line, beside hashing the file.
func BenchmarkBesideManifest(b *testing.B) {
	source, name := bodies(b, 50*benchLines), filepath.Join(b.TempDir(), "run.db")
	journal := openJournal(b, name)
	if _, err := journal.Plan(b.Context(), source, bulk.PlanOptions{}); err != nil {
		b.Fatal(err)
	}
	if err := journal.Finish(b.Context()); err != nil {
		b.Fatal(err)
	}
	if err := journal.Close(); err != nil {
		b.Fatal(err)
	}
	b.Run("start again, 1,000,000 lines finished, beside hashing the manifest", func(b *testing.B) {
		sidebyside.CompareProcessor(b, 1, 3, sidebyside.Each(func() { startAgain(b, source, name) }), sidebyside.Each(func() {
			file, err := os.Open(source.Path)
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = file.Close() }()
			if _, err := io.Copy(sha256.New(), file); err != nil {
				b.Fatal(err)
			}
		}))
	})
}

// startAgain is what every start does before and after it sends anything.
func startAgain(b *testing.B, source bulk.Source, name string) {
	journal := openJournal(b, name)
	defer func() { _ = journal.Close() }()
	if plan, err := journal.Plan(b.Context(), source, bulk.PlanOptions{}); err != nil || plan.Read {
		b.Fatalf("%+v %v", plan, err)
	}
	if counts, err := journal.Counts(b.Context()); err != nil || counts[bulk.Done] != counts.Total() {
		b.Fatalf("%v %v", counts, err)
	}
	if err := bulk.Run(b.Context(), journal, bulk.Config{Service: free{}}); err != nil {
		b.Fatal(err)
	}
	if groups, err := journal.Groups(b.Context()); err != nil || len(groups) != 0 {
		b.Fatalf("%v %v", groups, err)
	}
}
