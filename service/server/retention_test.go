package server

import (
	"bytes"
	"log/slog"
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
	expect := func(days int, passed time.Duration, want map[string]int) {
		t.Helper()
		projects := []config.Project{{ID: storetest.Project, RetentionDays: days}, {ID: foreign.ProjectID}}
		service.live.Store(&live{config: Config{Service: config.Config{Projects: projects}}})
		now := clock.AddDate(0, 0, 3)
		service.deleteOld(t.Context(), now.Add(-cleanEvery), now, passed, slog.New(slog.NewTextHandler(&log, nil)))
		for project, want := range want {
			if _, n, err := s.List(t.Context(), asset.Query{ProjectID: project}); n != want || err != nil {
				t.Errorf("with %d days %s has %d assets, %v; want %d", days, project, n, err, want)
			}
		}
	}
	all := map[string]int{storetest.Project: old + young + 1, foreign.ProjectID: 1}
	expect(0, cleanEvery, all)
	expect(0, 0, all)
	if log.Len() > 0 {
		t.Errorf("nothing is deleted by age, and the log: %s", log.String())
	}
	expect(7, 0, all)
	if !strings.Contains(log.String(), "the clock was changed") {
		t.Errorf("after the clock was changed the log: %s", log.String())
	}
	expect(7, cleanEvery, map[string]int{storetest.Project: young + 1, foreign.ProjectID: 1}) // as after a reload
	if !strings.Contains(log.String(), "assets=101") {
		t.Errorf("the log: %s", log.String())
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
		if got := wasSet(before, before.Add(cleanEvery+ahead), cleanEvery); got != want {
			t.Errorf("%s ahead after an hour: %v", ahead, got)
		}
	}
}
