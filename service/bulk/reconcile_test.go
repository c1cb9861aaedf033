package bulk_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/bulk"
)

// shelf is a service whose listing a test fills by hand.
type shelf struct {
	script
	assets []companions.AssetInfo
	err    error // what a search ends with
	looks  int
}

func (s *shelf) SearchPage(_ context.Context, search client.Search, page int) ([]companions.AssetInfo, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks++
	if s.err != nil {
		return nil, false, s.err
	}
	var found []companions.AssetInfo
	for _, a := range s.assets {
		made, told := client.CreatedAt(a)
		if strings.Contains(*a.BaseInfo.Title, search.Text) && (!told || !made.Before(search.From.Truncate(time.Second)) && !made.After(search.To)) {
			found = append(found, a)
		}
	}
	first := min(page*100, len(found))
	last := min(first+100, len(found))
	return found[first:last], last < len(found), nil
}

// listed is an asset of clip n as a listing shows it; at is when it was made.
func listed(id string, n int, at time.Time) companions.AssetInfo {
	title, created := fmt.Sprintf("clip %d", n), at.UTC().Format(contract.TimeLayout)
	return companions.AssetInfo{AssetID: id, Status: companions.AssetStatusPublished, BaseInfo: &companions.BaseInfo{
		Title: &title, CreateTime: &created,
		SourcePath: &companions.ObjectAddress{Bucket: "media", Location: "cn-north-4", Object: fmt.Sprintf("%d.mp4", n)},
	}}
}

// unverifiable is an asset as a service shows it that keeps sources to itself.
func unverifiable(a companions.AssetInfo) companions.AssetInfo {
	a.BaseInfo.SourcePath = nil
	return a
}

// TestLook loses the response for clip 0, while that for clip 1, a second later, arrives as asset-of-clip-1. Some time later
// the run is started again, with a service that lists some assets.
func TestLook(t *testing.T) {
	t.Parallel()
	const (
		soon = time.Minute
		late = 33 * time.Minute // no call can be taken any more
	)
	for name, c := range map[string]struct {
		after  time.Duration
		assets func(called time.Time) []companions.AssetInfo
		err    error
		want   bulk.State
		id     string
		code   string
		calls  int
	}{
		"listed": {soon, func(at time.Time) []companions.AssetInfo { return []companions.AssetInfo{listed("found", 0, at)} },
			nil, bulk.Accepted, "found", "", 0},
		"listed by a clock that is behind": {soon, func(at time.Time) []companions.AssetInfo {
			return []companions.AssetInfo{listed("found", 0, at.Add(-15*time.Minute))}
		}, nil, bulk.Accepted, "found", "", 0},
		"listed with others": {soon, func(at time.Time) []companions.AssetInfo {
			other := listed("other", 0, at)
			other.BaseInfo.SourcePath.Object = "1.mp4"
			return []companions.AssetInfo{other, listed("found", 0, at), listed("found", 0, at), listed("before", 0, at.Add(-time.Hour))}
		}, nil, bulk.Accepted, "found", "", 0},
		"listed twice": {soon, func(at time.Time) []companions.AssetInfo {
			return []companions.AssetInfo{listed("one", 0, at), listed("two", 0, at)}
		}, nil, bulk.Ambiguous, "", bulk.CodeSeveral, 0},
		"source not told": {late, func(at time.Time) []companions.AssetInfo {
			return []companions.AssetInfo{unverifiable(listed("maybe", 0, at)), listed("asset-of-clip-1", 1, at.Add(time.Second))}
		}, nil, bulk.Ambiguous, "", bulk.CodeSourceUnknown, 0},
		"not listed yet": {soon, func(at time.Time) []companions.AssetInfo {
			return []companions.AssetInfo{listed("asset-of-clip-1", 1, at.Add(time.Second))}
		}, nil, bulk.Ambiguous, "", bulk.CodeNoResponse, 0},
		"known to the journal": {late, func(at time.Time) []companions.AssetInfo {
			return []companions.AssetInfo{listed("asset-of-clip-1", 0, at)}
		}, nil, bulk.Ambiguous, "", bulk.CodeInconclusive, 0},
		"source not told, known to the journal": {late, func(at time.Time) []companions.AssetInfo {
			return []companions.AssetInfo{unverifiable(listed("asset-of-clip-1", 0, at))}
		}, nil, bulk.Ambiguous, "", bulk.CodeInconclusive, 0},
		"not there": {late, func(at time.Time) []companions.AssetInfo {
			return []companions.AssetInfo{listed("asset-of-clip-1", 1, at.Add(time.Second))}
		}, nil, bulk.Accepted, "asset-of-clip-0", "", 1},
		"nothing is listed": {late, func(time.Time) []companions.AssetInfo { return nil }, nil, bulk.Ambiguous, "", bulk.CodeInconclusive, 0},
		"no sources are told": {late, func(at time.Time) []companions.AssetInfo {
			return []companions.AssetInfo{unverifiable(listed("asset-of-clip-1", 1, at.Add(time.Second)))}
		}, nil, bulk.Ambiguous, "", bulk.CodeInconclusive, 0},
		"endless": {late, func(at time.Time) (all []companions.AssetInfo) {
			for i := range 2001 {
				other := listed(fmt.Sprint("other-", i), 0, at)
				other.BaseInfo.SourcePath.Object = "x.mp4"
				all = append(all, other)
			}
			return append(all, listed("asset-of-clip-1", 1, at.Add(time.Second)))
		}, nil, bulk.Ambiguous, "", bulk.CodeInconclusive, 0},
		"refused": {late, func(time.Time) []companions.AssetInfo { return nil },
			&client.APIError{Op: "asset info", Status: 403, Code: contract.CodeNoPermission}, bulk.Ambiguous, "", bulk.CodeListRefused, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
			now := &clock{now: began}
			change := func(config *bulk.Config) { config.Clock, config.Rate, config.Burst = now, 60, 1 }
			j, err := run(t, 2, &script{plays: map[string][]error{"clip 0": {lost()}}}, change)
			if err != nil {
				t.Fatal(err)
			}
			if err := now.Sleep(t.Context(), c.after); err != nil {
				t.Fatal(err)
			}
			second := &shelf{assets: c.assets(began), err: c.err}
			if err := bulk.Run(t.Context(), j, bulk.Config{Service: second, Concurrency: 2, Clock: now}); err != nil {
				t.Fatal(err)
			}
			got := items(t, j, bulk.States...)
			for _, item := range got {
				if item.Request().Title != "clip 0" {
					continue
				}
				if item.State != c.want || item.AssetID != c.id || item.Code != c.code || total(&second.script) != c.calls {
					t.Errorf("it is %s %q (%s: %s) after %d calls, want %s %q (%s) after %d",
						item.State, item.AssetID, item.Code, item.Message, total(&second.script), c.want, c.id, c.code, c.calls)
				}
			}
			if second.looks == 0 || second.looks > 25 {
				t.Errorf("%d looks", second.looks)
			}
		})
	}
}

// TestLookAfterSend settles within one run what is listed by then.
func TestLookAfterSend(t *testing.T) {
	t.Parallel()
	now := &clock{now: time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)}
	s := &shelf{script: script{plays: map[string][]error{"clip 0": {lost()}, "clip 1": {lost()}}}, assets: []companions.AssetInfo{listed("found", 0, now.now)}}
	j := openJournal(t, filepath.Join(t.TempDir(), "run.db"))
	defer func() { _ = j.Close() }()
	planText(t, j, lines(3))
	if err := bulk.Run(t.Context(), j, bulk.Config{Service: s, Clock: now}); err != nil {
		t.Fatal(err)
	}
	counts, err := j.Counts(t.Context())
	if err != nil || counts[bulk.Accepted] != 2 || counts[bulk.Ambiguous] != 1 || total(&s.script) != 3 {
		t.Errorf("%v after %d calls, %v", counts, total(&s.script), err)
	}
}

// TestLookAfterRetry waits until no second asset of two calls can be on its way into the listing. Every start that sends
// something looks for it afterwards, too.
func TestLookAfterRetry(t *testing.T) {
	t.Parallel()
	now := &clock{now: time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)}
	s := &shelf{script: script{plays: map[string][]error{"clip 0": {lost(), lost()}}}}
	j := openJournal(t, filepath.Join(t.TempDir(), "run.db"))
	defer func() { _ = j.Close() }()
	planText(t, j, lines(1))
	config := bulk.Config{Service: s, Clock: now}
	starts := []struct {
		retry bool
		pause time.Duration
		want  bulk.State
		looks int
	}{{false, 0, bulk.Ambiguous, 1}, {true, 0, bulk.Ambiguous, 2}, {false, time.Minute, bulk.Ambiguous, 1}, {false, time.Hour, bulk.Accepted, 1}}
	for i, start := range starts {
		if err := now.Sleep(t.Context(), start.pause); err != nil {
			t.Fatal(err)
		}
		if i == 2 {
			s.assets = []companions.AssetInfo{listed("found", 0, now.now)}
		}
		config.RetryAmbiguous, s.looks = start.retry, 0
		if err := bulk.Run(t.Context(), j, config); err != nil {
			t.Fatal(err)
		}
		if got := items(t, j, bulk.States...)[0]; got.State != start.want {
			t.Errorf("start %d: it is %s (%s)", i, got.State, got.Message)
		}
		if s.looks != start.looks {
			t.Errorf("start %d: %d looks, want %d", i, s.looks, start.looks)
		}
	}
	if total(&s.script) != 2 {
		t.Errorf("%d calls", total(&s.script))
	}
}

// TestLookAfterCrash does not take the entry for the time of the call: before a crash, the call can have gone out long
// after it, when the machine had slept in between.
func TestLookAfterCrash(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "run.db")
	j := openJournal(t, path)
	planText(t, j, lines(2))
	if err := j.RecordAt(1, bulk.Pending, bulk.Sent, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = openJournal(t, path)
	defer func() { _ = j.Close() }()
	now := &clock{now: time.Now().Add(2 * time.Second)} // the restart is behind us
	s := &shelf{assets: []companions.AssetInfo{listed("asset-of-clip-1", 1, now.now)}}
	for _, want := range []bulk.State{bulk.Ambiguous, bulk.Ambiguous, bulk.Accepted} {
		if err := bulk.Run(t.Context(), j, bulk.Config{Service: s, Clock: now}); err != nil {
			t.Fatal(err)
		}
		if ambiguous := items(t, j, bulk.Ambiguous); (len(ambiguous) == 1) != (want == bulk.Ambiguous) {
			t.Errorf("%d items are ambiguous, want %s", len(ambiguous), want)
		}
		if err := now.Sleep(t.Context(), 20*time.Minute); err != nil {
			t.Fatal(err)
		}
	}
}
