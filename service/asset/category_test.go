package asset

import (
	"errors"
	"strings"
	"testing"
)

func TestCreateCategory(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	create := func(name string, parent int64) Category {
		t.Helper()
		c, err := s.CreateCategory(t.Context(), project, name, parent)
		if err != nil {
			t.Fatalf("CreateCategory(%q, %d): %v", name, parent, err)
		}
		return c
	}
	one := create("one", 0)
	two := create("two", one.ID)
	three := create("three", two.ID)
	create(strings.Repeat("n", MaxCategoryName), 0)
	create("one", one.ID) // the same name elsewhere
	if one.Level != 1 || two.Level != 2 || three.Level != 3 || three.ParentID != two.ID {
		t.Errorf("levels %d, %d, %d, parent %d", one.Level, two.Level, three.Level, three.ParentID)
	}
	if got, err := getCategory(t.Context(), s.read, project, three.ID); err != nil || got != three {
		t.Errorf("getCategory = %+v, %v; want %+v", got, err, three)
	}
	if c, err := s.CreateCategory(t.Context(), "another project", "one", 0); err != nil || c.ID == one.ID {
		t.Errorf("the same name in another project = %+v, %v", c, err)
	}
	for name, c := range map[string]struct {
		project, name string
		parent        int64
		want          error
	}{
		"empty name":       {project, "", 0, ErrCategoryName},
		"long name":        {project, strings.Repeat("n", MaxCategoryName+1), 0, ErrCategoryName},
		"long in bytes":    {project, strings.Repeat("影", 22), 0, ErrCategoryName},
		"not UTF-8":        {project, "\xff", 0, ErrCategoryName},
		"taken":            {project, "two", one.ID, ErrCategoryExists},
		"taken at root":    {project, "one", 0, ErrCategoryExists},
		"fourth level":     {project, "four", three.ID, ErrCategoryLevel},
		"unknown parent":   {project, "x", 999, ErrNoCategory},
		"foreign parent":   {"another project", "x", two.ID, ErrNoCategory},
		"other as parent":  {project, "x", OtherCategory, ErrNoCategory},
		"negative parent":  {project, "x", -7, ErrNoCategory},
		"parent of no-one": {"nobody", "x", one.ID, ErrNoCategory},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := s.CreateCategory(t.Context(), c.project, c.name, c.parent); !errors.Is(err, c.want) {
				t.Errorf("CreateCategory = %v, want %v", err, c.want)
			}
		})
	}
}

func TestAuthorize(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	expect := func(project, bucket string, want bool) {
		t.Helper()
		if got, err := s.Authorized(t.Context(), project, bucket); err != nil || got != want {
			t.Errorf("Authorized(%s, %s) = %v, %v; want %v", project, bucket, got, err, want)
		}
	}
	set := func(on bool) {
		t.Helper()
		for range 2 { // repeating changes nothing
			if err := s.Authorize(t.Context(), project, "films", on); err != nil {
				t.Fatal(err)
			}
		}
	}
	expect(project, "films", false)
	set(true)
	expect(project, "films", true)
	expect(project, "other", false)
	expect("another project", "films", false)
	set(false)
	expect(project, "films", false)
}
