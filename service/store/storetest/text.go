package storetest

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/vod-reproduction/vod/internal/seed"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/store"
)

// texts are those of an asset.
type texts struct{ ID, Title, Description, Tags string }

// have reports whether the title or the description has a text, A to Z in either case.
func (a texts) have(text string) bool {
	text = lowerASCII(text)
	return strings.Contains(lowerASCII(a.Title), text) || strings.Contains(lowerASCII(a.Description), text)
}

func lowerASCII(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, text)
}

// randomText returns a text of some characters, of which SQL might take several for its own.
func randomText(random *rand.Rand, least, most int) string {
	characters := []rune("aAbB%_\\'\"[]*? é影😀")
	text := make([]rune, least+random.IntN(most-least+1))
	for i := range text {
		text[i] = characters[random.IntN(len(characters))]
	}
	return string(text)
}

// Lists find exactly the assets that have a text in their title or in their description, also when these were edited or others
// deleted, and whichever way the database looks for them.
func (on suite) testListTexts(t *testing.T) {
	t.Parallel()
	const assets, rounds, other = 600, 20, "another project"
	s, random := on.open(t, store.Config{}), seed.Random(t, 0)
	if err := s.AuthorizeBucket(t.Context(), other, NewAsset().Source.Bucket); err != nil {
		t.Fatal(err)
	}
	var all errgroup.Group
	all.SetLimit(16)
	for i := range assets {
		n := NewAsset()
		n.Title, n.Description, n.Tags = randomText(random, 1, 8), randomText(random, 0, 16), []string{"one", "one,two"}[i%2]
		if i%5 == 0 {
			n.ProjectID = other
		}
		all.Go(func() error {
			_, _, err := s.Accept(t.Context(), n)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	find := func(q asset.Query) (found []texts) {
		t.Helper()
		q.ProjectID, q.Size = Project, asset.MaxPageSize
		for total := 1; len(found) < total; q.Page++ {
			page, n, err := s.List(t.Context(), q)
			if total = n; err != nil || len(page) == 0 && len(found) < total {
				t.Fatalf("List(%+v) returns %d assets of %d, %v", q, len(found)+len(page), n, err)
			}
			for _, a := range page {
				found = append(found, texts{a.ID, a.Title, a.Description, a.Tags})
			}
		}
		return found
	}
	known := find(asset.Query{})
	for range rounds {
		i := random.IntN(len(known))
		if a := &known[i]; random.IntN(3) == 0 {
			if err := s.Delete(t.Context(), Project, a.ID); err != nil {
				t.Fatal(err)
			}
			known = slices.Delete(known, i, i+1)
		} else {
			a.Title, a.Description = randomText(random, 1, 8), randomText(random, 0, 16)
			if err := s.Change(t.Context(), Project, a.ID, asset.Changes{Title: &a.Title, Description: &a.Description, Tags: &a.Tags}); err != nil {
				t.Fatal(err)
			}
		}
		a := known[random.IntN(len(known))]
		for _, text := range []string{
			randomText(random, 1, 4), strings.ToUpper(a.Title), strings.ToLower(a.Description), // some of them in some asset
			lastRune(a.Title) + firstRune(a.Description), // part of no text by itself
		} {
			var want, tagged []texts
			for _, a := range known {
				if a.have(text) {
					want = append(want, a)
					if a.Tags == "one,two" {
						tagged = append(tagged, a)
					}
				}
			}
			if text == "" {
				continue
			}
			for _, c := range []struct {
				query asset.Query
				want  []texts
			}{
				{asset.Query{Text: text}, want},
				{asset.Query{Text: text, States: []asset.State{asset.Creating}}, want},
				{asset.Query{Text: text, Tags: []string{"two"}}, tagged},
			} {
				if got := find(c.query); cmp.Diff(c.want, got) != "" {
					t.Fatalf("%+v\n%s", c.query, cmp.Diff(c.want, got))
				}
			}
			if titles, total := list(t, s, asset.Query{Text: text, CountTo: 2, Size: 1, Page: 2}); total != min(2, len(want)) || len(titles) != min(1, max(0, len(want)-2)) {
				t.Fatalf("%q behind the count: %q of %d, of %d", text, titles, total, len(want))
			}
		}
	}
}

func firstRune(text string) string {
	for _, r := range text {
		return string(r)
	}
	return ""
}

func lastRune(text string) (last string) {
	for _, r := range text {
		last = string(r)
	}
	return last
}
