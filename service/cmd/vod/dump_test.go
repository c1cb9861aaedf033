package main

import (
	"testing"

	"github.com/vod-reproduction/vod/gen"
)

func TestParseAddress(t *testing.T) {
	t.Parallel()
	tests := []struct {
		address, bucket, key string
		ok                   bool
	}{
		{"obs://media/a.mp4", "media", "a.mp4", true},
		{"obs://media/dir/with space/%41?.mp4", "media", "dir/with space/%41?.mp4", true},
		{"obs://media//a.mp4", "media", "/a.mp4", true},
		{"obs://media/dir/", "", "", false},
		{"obs://media/", "", "", false},
		{"obs://media", "", "", false},
		{"obs:///a.mp4", "", "", false},
		{"s3://media/a.mp4", "", "", false},
		{"", "", "", false},
	}
	for _, test := range tests {
		bucket, key, err := parseAddress(test.address)
		if bucket != test.bucket || key != test.key || (err == nil) != test.ok {
			t.Errorf("parseAddress(%q) = %q, %q, %v", test.address, bucket, key, err)
		}
	}
}

func TestGuesses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		key   string
		video gen.VideoType
		title string
	}{
		{"holiday.mp4", gen.VideoTypeMP4, "holiday"},
		{"a/b.c/holiday.2026.MOV", gen.VideoTypeMOV, "holiday.2026"},
		{"show/index.m3u8", gen.VideoTypeHLS, "index"},
		{"show/index.M3U", gen.VideoTypeHLS, "index"},
		{"x.webm", gen.VideoTypeWEBM, "x"},
		{"x.3gp", gen.VideoTypeThreeGP, "x"},
		{"x.hls", "", "x"},
		{"x.txt", "", "x"},
		{"a.mp4/noextension", "", "noextension"},
		{".mp4", gen.VideoTypeMP4, ".mp4"},
		{"dir/", "", ""},
	}
	for _, test := range tests {
		if got := guessVideoType(test.key); got != test.video {
			t.Errorf("video type of %q: %q, want %q", test.key, got, test.video)
		}
		if got := guessTitle(test.key); got != test.title {
			t.Errorf("title of %q: %q, want %q", test.key, got, test.title)
		}
	}
}
