package media_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vod-reproduction/vod/service/media"
)

func TestMoments(t *testing.T) {
	const s = time.Second
	for name, c := range map[string]struct{ got, want []time.Duration }{
		"each 12 s of 30":         {media.EveryMoments(30*s, 12*s), []time.Duration{0, 12 * s, 24 * s}},
		"none at the end":         {media.EveryMoments(24*s, 12*s), []time.Duration{0, 12 * s}},
		"no interval":             {media.EveryMoments(30*s, 0), []time.Duration{0}},
		"interval below 0":        {media.EveryMoments(30*s, -s), []time.Duration{0}},
		"longest interval":        {media.EveryMoments(30*s, math.MaxInt64), []time.Duration{0}},
		"longest film":            {media.EveryMoments(math.MaxInt64, math.MaxInt64/2), []time.Duration{0, math.MaxInt64 / 2, math.MaxInt64 - 1}},
		"nothing to take":         {media.EveryMoments(0, s), nil},
		"middles":                 {media.EvenMoments(30*s, 3, 0), []time.Duration{5 * s, 15 * s, 25 * s}},
		"one in the middle":       {media.EvenMoments(30*s, 1, 0), []time.Duration{15 * s}},
		"spaced":                  {media.EvenMoments(30*s, 3, 4*s), []time.Duration{0, 4 * s, 8 * s}},
		"spaced, as many as fit":  {media.EvenMoments(30*s, 10, 12*s), []time.Duration{0, 12 * s, 24 * s}},
		"spaced, none at the end": {media.EvenMoments(24*s, 10, 12*s), []time.Duration{0, 12 * s}},
		"the page's largest":      {media.EvenMoments(30*s, 10, math.MaxInt32*s), []time.Duration{0}},
		"no count":                {media.EvenMoments(30*s, 0, 0), nil},
		"count below 0":           {media.EvenMoments(30*s, -1, s), nil},
		"no length":               {media.EvenMoments(0, 3, 0), nil},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
}

func TestEveryMomentsCoverTheFilm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		length := time.Duration(rapid.Int64Range(1, math.MaxInt64).Draw(t, "length"))
		every := time.Duration(rapid.Int64Range(max(1, int64(length)/1000), math.MaxInt64).Draw(t, "every"))
		moments := media.EveryMoments(length, every)
		if want := int((length-1)/every) + 1; len(moments) != want {
			t.Fatalf("%d moments, want %d", len(moments), want)
		}
		for i, m := range moments {
			if m != time.Duration(i)*every || m < 0 || m >= length {
				t.Fatalf("moment %d is %v", i, m)
			}
		}
	})
}

func TestEvenMomentsSpreadEvenly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		length := time.Duration(rapid.Int64Range(1, math.MaxInt64).Draw(t, "length"))
		count := rapid.IntRange(1, 50).Draw(t, "count")
		moments := media.EvenMoments(length, count, 0)
		if len(moments) != count {
			t.Fatalf("%d moments, want %d", len(moments), count)
		}
		piece := length / time.Duration(count)
		for i, m := range moments {
			if m < 0 || m >= length {
				t.Fatalf("moment %d is %v", i, m)
			}
			if i > 0 && (m-moments[i-1]-piece).Abs() > 1 {
				t.Fatalf("moments %d and %d are %v apart, want %v", i-1, i, m-moments[i-1], piece)
			}
		}
		if before, after := moments[0], length-moments[count-1]; (before - after).Abs() > 2 {
			t.Fatalf("%v before the first, %v behind the last", before, after)
		}
	})
}

func TestSpacedMomentsAreTheFirstOfEvery(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		length := time.Duration(rapid.Int64Range(1, math.MaxInt64).Draw(t, "length"))
		every := time.Duration(rapid.Int64Range(max(1, int64(length)/1000), math.MaxInt64).Draw(t, "every"))
		count := rapid.IntRange(1, 50).Draw(t, "count")
		all := media.EveryMoments(length, every)
		if got, want := media.EvenMoments(length, count, every), all[:min(count, len(all))]; !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}
