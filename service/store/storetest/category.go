package storetest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/store"
)

func (on suite) testCreateCategory(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	create := func(name string, parent int64) asset.Category {
		t.Helper()
		c, err := s.CreateCategory(t.Context(), Project, name, parent)
		if err != nil {
			t.Fatalf("CreateCategory(%q, %d): %v", name, parent, err)
		}
		return c
	}
	one := create("one", 0)
	two := create("two", one.ID)
	three := create("three", two.ID)
	create(strings.Repeat("n", asset.MaxCategoryName), 0)
	create("one", one.ID) // the same name elsewhere
	if one.Level != 1 || two.Level != 2 || three.Level != 3 || three.ParentID != two.ID {
		t.Errorf("levels %d, %d, %d, parent %d", one.Level, two.Level, three.Level, three.ParentID)
	}
	if c, err := s.CreateCategory(t.Context(), "another project", "one", 0); err != nil || c.ID == one.ID {
		t.Errorf("the same name in another project = %+v, %v", c, err)
	}
	for name, c := range map[string]struct {
		Project, name string
		parent        int64
		want          error
	}{
		"empty name":       {Project, "", 0, asset.ErrCategoryName},
		"long name":        {Project, strings.Repeat("n", asset.MaxCategoryName+1), 0, asset.ErrCategoryName},
		"long in bytes":    {Project, strings.Repeat("影", 22), 0, asset.ErrCategoryName},
		"not UTF-8":        {Project, "\xff", 0, asset.ErrCategoryName},
		"taken":            {Project, "two", one.ID, asset.ErrCategoryExists},
		"taken at root":    {Project, "one", 0, asset.ErrCategoryExists},
		"fourth level":     {Project, "four", three.ID, asset.ErrCategoryLevel},
		"unknown parent":   {Project, "x", 999, asset.ErrNoCategory},
		"foreign parent":   {"another project", "x", two.ID, asset.ErrNoCategory},
		"other as parent":  {Project, "x", asset.OtherCategory, asset.ErrNoCategory},
		"negative parent":  {Project, "x", -7, asset.ErrNoCategory},
		"parent of no-one": {"nobody", "x", one.ID, asset.ErrNoCategory},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := s.CreateCategory(t.Context(), c.Project, c.name, c.parent); !errors.Is(err, c.want) {
				t.Errorf("CreateCategory = %v, want %v", err, c.want)
			}
		})
	}
}

func (on suite) testAuthorize(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	expect := func(Project, bucket string, want bool) {
		t.Helper()
		if got, err := s.Authorized(t.Context(), Project, bucket); err != nil || got != want {
			t.Errorf("Authorized(%s, %s) = %v, %v; want %v", Project, bucket, got, err, want)
		}
	}
	repeat := func(set func(ctx context.Context, project, bucket string) error) {
		t.Helper()
		for range 2 { // repeating changes nothing
			if err := set(t.Context(), Project, "films"); err != nil {
				t.Fatal(err)
			}
		}
	}
	expect(Project, "films", false)
	repeat(s.AuthorizeBucket)
	expect(Project, "films", true)
	expect(Project, "other", false)
	expect("another project", "films", false)
	repeat(s.RevokeBucket)
	expect(Project, "films", false)
}
