package server

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/jobs"
	"github.com/vod-reproduction/vod/service/store"
	"github.com/vod-reproduction/vod/service/store/storetest"
)

// Assets that have ended go when they are as old as their project says, more than one page of them; those of a project
// that says nothing stay.
func TestDeleteOld(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	s := storetest.Open(t, store.Config{Queue: jobs.New(jobs.Config{}).Connect, Now: func() time.Time { return clock }})
	foreign := storetest.NewAsset()
	foreign.ProjectID = "another project"
	ended := func(n asset.New) {
		a := s.MustBegin(t, s.MustAccept(t, n).ID)
		if err := s.Finish(t.Context(), a, storetest.Ending(a)); err != nil {
			t.Fatal(err)
		}
	}
	const old, young = retentionPage + 1, 2
	for range old {
		ended(storetest.NewAsset())
	}
	ended(foreign)
	s.MustAccept(t, storetest.NewAsset()) // has not ended
	clock = clock.AddDate(0, 0, 5)
	for range young {
		ended(storetest.NewAsset())
	}
	var log bytes.Buffer
	service := &Server{assets: s.Store}
	expect := func(days int, want map[string]int) {
		t.Helper()
		projects := []config.Project{{ID: storetest.Project, RetentionDays: days}, {ID: foreign.ProjectID}}
		service.live.Store(&live{config: Config{Service: config.Config{Projects: projects}}})
		service.deleteOld(t.Context(), clock.AddDate(0, 0, 3), slog.New(slog.NewTextHandler(&log, nil)))
		for project, want := range want {
			if _, n, err := s.List(t.Context(), asset.Query{ProjectID: project}); n != want || err != nil {
				t.Errorf("with %d days %s has %d assets, %v; want %d", days, project, n, err, want)
			}
		}
	}
	expect(0, map[string]int{storetest.Project: old + young + 1, foreign.ProjectID: 1})
	if log.Len() > 0 {
		t.Errorf("nothing is deleted by age, and the log: %s", log.String())
	}
	expect(7, map[string]int{storetest.Project: young + 1, foreign.ProjectID: 1}) // as after a reload
	if !strings.Contains(log.String(), "assets=101") {
		t.Errorf("the log: %s", log.String())
	}
}

// A process that runs for less than an hour sweeps when those before it ran for the rest, and none does soon after the clock
// was set.
func TestSweepDue(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	path := filepath.Join(t.TempDir(), "vod.db")
	var log bytes.Buffer
	for i, process := range []struct {
		ahead time.Duration // the clock against the time that passes, in the first look
		due   bool
	}{{0, false}, {0, false}, {0, false}, {0, true}, {48 * time.Hour, false}, {0, false}, {0, false}, {0, true}} {
		s := storetest.Open(t, store.Config{DSN: path, Queue: jobs.New(jobs.Config{}).Connect, Now: func() time.Time { return clock }})
		service, due := &Server{assets: s.Store}, false
		for _, ahead := range []time.Duration{process.ahead, 0, 0, 0} {
			before := clock
			clock = clock.Add(lookEvery + ahead)
			due = service.sweepDue(t.Context(), before, clock, lookEvery, slog.New(slog.NewTextHandler(&log, nil))) || due
		}
		if err := s.Close(); err != nil || due != process.due {
			t.Errorf("process %d: a sweep was due: %v, want %v; %v", i, due, process.due, err)
		}
	}
	if n := strings.Count(log.String(), "the clock was changed"); n != 1 {
		t.Errorf("the change of the clock is reported %d times: %s", n, log.String())
	}
}

// A clock that was set, in either direction, is told from one that runs a little fast or slow.
func TestClockWasSet(t *testing.T) {
	t.Parallel()
	before := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	for ahead, want := range map[time.Duration]bool{
		0: false, 10 * time.Second: false, -10 * time.Second: false,
		time.Hour: true, -time.Hour: true, 24 * time.Hour: true, 10 * 365 * 24 * time.Hour: true,
	} {
		if got := wasSet(before, before.Add(sweepEvery+ahead), sweepEvery); got != want {
			t.Errorf("%s ahead after an hour: %v", ahead, got)
		}
	}
}
