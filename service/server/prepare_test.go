package server

import (
	"testing"

	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/jobs"
	"github.com/vod-reproduction/vod/service/store"
	"github.com/vod-reproduction/vod/service/store/storetest"
)

// What a project has revoked stays revoked when the configuration is taken again, and what is new in it is authorized.
func TestPrepareAgain(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{Queue: jobs.New(jobs.Config{}).Connect})
	service := &Server{assets: s.Store}
	with := func(buckets ...config.Bucket) config.Config {
		return config.Config{Projects: []config.Project{{ID: storetest.Project, Buckets: buckets}}}
	}
	expect := func(bucket string, want bool) {
		t.Helper()
		if got, err := s.Authorized(t.Context(), storetest.Project, bucket); got != want || err != nil {
			t.Errorf("%s is authorized: %v, %v; want %v", bucket, got, err, want)
		}
	}
	first := with(config.Bucket{Name: "films", Authorized: true}, config.Bucket{Name: "closed"})
	if err := service.prepare(t.Context(), nil, first); err != nil {
		t.Fatal(err)
	}
	expect("films", true)
	expect("closed", false)
	if err := s.RevokeBucket(t.Context(), storetest.Project, "films"); err != nil {
		t.Fatal(err)
	}
	next := with(config.Bucket{Name: "films", Authorized: true}, config.Bucket{Name: "closed", Authorized: true}, config.Bucket{Name: "added", Authorized: true})
	if err := service.prepare(t.Context(), &live{config: Config{Service: first}}, next); err != nil {
		t.Fatal(err)
	}
	expect("films", false)
	expect("closed", true)
	expect("added", true)
}
