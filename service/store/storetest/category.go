package storetest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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

func (on suite) testCategories(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	create := func(name string, parent int64) asset.Category {
		c, err := s.CreateCategory(t.Context(), Project, name, parent)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	films := create("films", 0)
	trailers := create("trailers", films.ID)
	short := create("short", trailers.ID)
	music := create("music", 0)
	expect := func(want ...asset.Category) {
		t.Helper()
		if got, err := s.Categories(t.Context(), Project); err != nil || cmp.Diff(want, got) != "" {
			t.Errorf("Categories: %v (-want +got):\n%s", err, cmp.Diff(want, got))
		}
	}
	expect(films, music, trailers, short)

	music.Name = "songs"
	if got, err := s.RenameCategory(t.Context(), Project, music.ID, "songs"); err != nil || got != music {
		t.Errorf("RenameCategory = %+v, %v", got, err)
	}
	if _, err := s.RenameCategory(t.Context(), Project, music.ID, "songs"); err != nil {
		t.Errorf("to the name that it has: %v", err)
	}
	for name, c := range map[string]struct {
		err  error
		want error
	}{
		"name of a sibling":           {second(s.RenameCategory(t.Context(), Project, music.ID, "films")), asset.ErrCategoryExists},
		"no name":                     {second(s.RenameCategory(t.Context(), Project, music.ID, "")), asset.ErrCategoryName},
		"rename of another project's": {second(s.RenameCategory(t.Context(), "another project", music.ID, "x")), asset.ErrNoCategory},
		"delete of another project's": {s.DeleteCategory(t.Context(), "another project", music.ID), asset.ErrNoCategory},
		"delete of Other":             {s.DeleteCategory(t.Context(), Project, asset.OtherCategory), asset.ErrNoCategory},
		"delete of the root":          {s.DeleteCategory(t.Context(), Project, 0), asset.ErrNoCategory},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}

	// A category goes with those below it; its assets are in Other then.
	filed := NewAsset()
	filed.CategoryID = short.ID
	moved := s.MustAccept(t, filed)
	filed.CategoryID = music.ID
	stays := s.MustAccept(t, filed)
	if err := s.DeleteCategory(t.Context(), Project, films.ID); err != nil {
		t.Fatal(err)
	}
	expect(music)
	if a := s.MustGet(t, moved.ID); a.CategoryID != asset.OtherCategory || a.CategoryName != asset.OtherName {
		t.Errorf("the asset is in %d %s", a.CategoryID, a.CategoryName)
	}
	if a := s.MustGet(t, stays.ID); a.CategoryID != music.ID || a.CategoryName != "songs" {
		t.Errorf("an asset of another category is in %d %s", a.CategoryID, a.CategoryName)
	}
}

// second drops the first of two results.
func second[T any](_ T, err error) error { return err }

func (on suite) testChange(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	category, err := s.CreateCategory(t.Context(), Project, "films", 0)
	if err != nil {
		t.Fatal(err)
	}
	id := s.MustAccept(t, NewAsset()).ID
	want := s.MustGet(t, id)
	change := func(c asset.Changes) {
		t.Helper()
		if err := s.Change(t.Context(), Project, id, c); err != nil {
			t.Fatal(err)
		}
		got := s.MustGet(t, id)
		want.UpdatedAt = got.UpdatedAt
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%+v (-want +got):\n%s", c, d)
		}
	}
	change(asset.Changes{})
	want.Title, want.Tags, want.CategoryID, want.CategoryName = "another", "a,b", category.ID, "films"
	change(asset.Changes{Title: new("another"), Tags: new("a,b"), CategoryID: &category.ID})
	want.Description, want.Tags = "about it", ""
	change(asset.Changes{Description: new("about it"), Tags: new("")})
	want.CategoryID, want.CategoryName = asset.OtherCategory, asset.OtherName
	change(asset.Changes{CategoryID: new(asset.OtherCategory)})

	if err := s.Change(t.Context(), Project, id, asset.Changes{Title: new("x"), CategoryID: new(int64(999))}); !errors.Is(err, asset.ErrNoCategory) {
		t.Errorf("an unknown category: %v", err)
	}
	for project, id := range map[string]string{Project: "unknown", "another project": id} {
		if err := s.Change(t.Context(), project, id, asset.Changes{Title: new("x")}); !errors.Is(err, asset.ErrNotFound) {
			t.Errorf("asset %s of %s: %v", id, project, err)
		}
	}
	change(asset.Changes{}) // nothing of what was refused stayed
}
