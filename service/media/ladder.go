package media

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Ladder is a set of outputs that one process makes.
type Ladder struct {
	HLS     bool          // playlists with TS segments; else one MP4 file a rendition
	Segment time.Duration // of HLS, at least MinSegment
	// Remux takes the streams as they are where they fit a rendition.
	Remux      bool
	Renditions []Rendition // at least one
}

// MinSegment is the shortest segment of HLS that can be asked for.
const MinSegment = 500 * time.Millisecond

// Rendition is one output.
type Rendition struct {
	Name         string // part of file names: 1 to 64 letters, digits, dashes, underscores; no two differ only in case
	Height       int    // pixels, above 0; a smaller video is not enlarged
	VideoBitRate int64  // bit/s; 0 leaves it to the encoder's quality
	AudioBitRate int64  // bit/s; 0 is 128,000
}

const defaultRate = 128_000

var renditionName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// check finds what the caller may not ask for.
func (l Ladder) check() error {
	if len(l.Renditions) == 0 {
		return errors.New("transcode: no renditions")
	}
	if l.HLS && l.Segment < MinSegment {
		return fmt.Errorf("transcode: segments of %v; at least %v are made", l.Segment, MinSegment)
	}
	seen := map[string]bool{}
	for _, r := range l.Renditions {
		key := strings.ToLower(r.Name)
		switch {
		case !renditionName.MatchString(r.Name):
			return fmt.Errorf("transcode: rendition %.80q: a name has 1 to 64 letters, digits, dashes and underscores", r.Name)
		case seen[key]:
			return fmt.Errorf("transcode: two renditions are named %s", r.Name)
		case r.Height <= 0 || r.VideoBitRate < 0 || r.AudioBitRate < 0:
			return fmt.Errorf("transcode: rendition %s: the height must be above 0, and rates may not be below", r.Name)
		}
		seen[key] = true
	}
	return nil
}

// fitting leaves out the renditions that would enlarge the video.
func fitting(all []Rendition, height int) []Rendition {
	sorted := slices.SortedStableFunc(slices.Values(all), func(a, b Rendition) int { return a.Height - b.Height })
	n, _ := slices.BinarySearchFunc(sorted, height+1, func(r Rendition, h int) int { return r.Height - h })
	return sorted[:max(1, n)]
}
