package embedded

import "testing"

func TestNamesOfWindows(t *testing.T) {
	for key, want := range map[string]bool{
		"film.mp4": true, "in/.hidden": true, "a b/film": true, "...film": true, "影片/": true,
		`..\vod-service\assets\ID\1\film.mp4`: false, `a\b`: false, `in/..\..\secret`: false, `\film`: false,
		"C:/film": false, "film.mp4:stream": false, "film?": false, "in/*": false,
		".../film": false, ".. /film": false, "film.": false, "film ": false, "film. ./x": false,
	} {
		if got := filable(key, longestNew, "windows"); got != want {
			t.Errorf("%q on Windows: %t", key, got)
		}
		if !filable(key, longestNew, "linux") {
			t.Errorf("%q on Linux: false", key)
		}
	}
}
