package media

import (
	"slices"
	"testing"
	"time"
)

func TestKeyJudge(t *testing.T) {
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		keys   []time.Duration
		missed []int // of the timestamps 0, 1 s, 2 s, 3 s
		gap    time.Duration
	}{
		"at the timestamps":        {[]time.Duration{0, 1000 * ms, 2000 * ms, 3000 * ms}, nil, time.Second},
		"more than the timestamps": {[]time.Duration{0, 500 * ms, 1000 * ms, 1500 * ms, 2000 * ms, 2500 * ms, 3000 * ms}, nil, 500 * ms},
		"less than a frame early":  {[]time.Duration{0, 961 * ms, 1961 * ms, 2961 * ms}, nil, 1000 * ms},
		"a frame early":            {[]time.Duration{0, 960 * ms, 1960 * ms, 2960 * ms}, []int{1, 2, 3}, 1000 * ms},
		"a little late":            {[]time.Duration{0, 1001 * ms, 2001 * ms, 3001 * ms}, []int{1, 2, 3}, 1001 * ms},
		"each other":               {[]time.Duration{0, 2000 * ms}, []int{1, 3}, 2000 * ms},
		"one":                      {[]time.Duration{0}, []int{1, 2, 3}, 3500 * ms},
		"a late start":             {[]time.Duration{1500 * ms, 2000 * ms, 3000 * ms}, []int{0, 1}, time.Second},
		"none":                     {nil, []int{0, 1, 2, 3}, 3500 * ms},
	} {
		judge := keyJudge{near: 40 * ms, snapshots: []Frame{{}, {Offset: 1000 * ms}, {Offset: 2000 * ms}, {Offset: 3000 * ms}}}
		for _, at := range c.keys {
			judge.frame(at)
		}
		judge.end(3500 * ms)
		if !slices.Equal(judge.missed, c.missed) || judge.hits != 4-len(c.missed) || judge.gap != c.gap {
			t.Errorf("%s: missed %v, %d hit, gap %v", name, judge.missed, judge.hits, judge.gap)
		}
	}
}

func TestSeeksPay(t *testing.T) {
	c := thumbnailer{info: Info{Video: &Video{Width: 1280, Height: 720, FrameRate: 25}}}
	for name, plan := range map[string]struct {
		every, gap time.Duration
		want       bool
	}{
		"far apart":               {12 * time.Second, 2 * time.Second, true},
		"close":                   {time.Second, 2 * time.Second, false},
		"closer than key frames":  {12 * time.Second, time.Minute, false},
		"one key frame in a film": {12 * time.Second, 10 * time.Minute, false},
	} {
		if got := c.seeksPay(plan.every, plan.gap); got != plan.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
