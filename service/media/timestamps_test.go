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
		"each 12 s of 30":         {media.EveryTimestamps(30*s, 12*s), []time.Duration{0, 12 * s, 24 * s}},
		"none at the end":         {media.EveryTimestamps(24*s, 12*s), []time.Duration{0, 12 * s}},
		"no interval":             {media.EveryTimestamps(30*s, 0), []time.Duration{0}},
		"interval below 0":        {media.EveryTimestamps(30*s, -s), []time.Duration{0}},
		"longest interval":        {media.EveryTimestamps(30*s, math.MaxInt64), []time.Duration{0}},
		"longest film":            {media.EveryTimestamps(math.MaxInt64, math.MaxInt64/2), []time.Duration{0, math.MaxInt64 / 2, math.MaxInt64 - 1}},
		"nothing to take":         {media.EveryTimestamps(0, s), nil},
		"middles":                 {media.EvenTimestamps(30*s, 3, 0), []time.Duration{5 * s, 15 * s, 25 * s}},
		"one in the middle":       {media.EvenTimestamps(30*s, 1, 0), []time.Duration{15 * s}},
		"spaced":                  {media.EvenTimestamps(30*s, 3, 4*s), []time.Duration{0, 4 * s, 8 * s}},
		"spaced, as many as fit":  {media.EvenTimestamps(30*s, 10, 12*s), []time.Duration{0, 12 * s, 24 * s}},
		"spaced, none at the end": {media.EvenTimestamps(24*s, 10, 12*s), []time.Duration{0, 12 * s}},
		"the page's largest":      {media.EvenTimestamps(30*s, 10, math.MaxInt32*s), []time.Duration{0}},
		"no count":                {media.EvenTimestamps(30*s, 0, 0), nil},
		"count below 0":           {media.EvenTimestamps(30*s, -1, s), nil},
		"no length":               {media.EvenTimestamps(0, 3, 0), nil},
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
		timestamps := media.EveryTimestamps(length, every)
		if want := int((length-1)/every) + 1; len(timestamps) != want {
			t.Fatalf("%d timestamps, want %d", len(timestamps), want)
		}
		for i, m := range timestamps {
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
		timestamps := media.EvenTimestamps(length, count, 0)
		if len(timestamps) != count {
			t.Fatalf("%d timestamps, want %d", len(timestamps), count)
		}
		piece := length / time.Duration(count)
		for i, m := range timestamps {
			if m < 0 || m >= length {
				t.Fatalf("moment %d is %v", i, m)
			}
			if i > 0 && (m-timestamps[i-1]-piece).Abs() > 1 {
				t.Fatalf("timestamps %d and %d are %v apart, want %v", i-1, i, m-timestamps[i-1], piece)
			}
		}
		if before, after := timestamps[0], length-timestamps[count-1]; (before - after).Abs() > 2 {
			t.Fatalf("%v before the first, %v behind the last", before, after)
		}
	})
}

func TestSpacedMomentsAreTheFirstOfEvery(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		length := time.Duration(rapid.Int64Range(1, math.MaxInt64).Draw(t, "length"))
		every := time.Duration(rapid.Int64Range(max(1, int64(length)/1000), math.MaxInt64).Draw(t, "every"))
		count := rapid.IntRange(1, 50).Draw(t, "count")
		all := media.EveryTimestamps(length, every)
		if got, want := media.EvenTimestamps(length, count, every), all[:min(count, len(all))]; !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}
