package media

import (
	"fmt"
	"math"
)

// Picture says how snapshots look.
type Picture struct {
	// Wide letterboxes the picture into 16:9; else it keeps its own shape.
	Wide bool
	// MaxLength is the longest side in pixels; 0 is DefaultMaxLength. A smaller video is not enlarged.
	MaxLength int
}

// DefaultMaxLength is the page's longest side of a snapshot, in pixels.
const DefaultMaxLength = 480

// maxSide is the longest side of a JPEG that ffmpeg makes.
const maxSide = 65500

// filter makes the picture: square pixels, even sides. The sizes come from what
// Probe described, which is bounded, and not from what each frame says of itself.
func (p Picture) filter(v Video) string {
	setDefault(&p.MaxLength, DefaultMaxLength)
	longest := min(p.MaxLength, max(v.Width, v.Height), maxSide)
	width, height := longest, longest
	if p.Wide {
		height = longest * 9 / 16
	}
	width, height = evenly(float64(width)), evenly(float64(height))
	w, h := within(v, width, height)
	if !p.Wide {
		return fmt.Sprintf("scale=w=%d:h=%d,setsar=1,format=yuvj420p", w, h)
	}
	return fmt.Sprintf("scale=w=%d:h=%d,setsar=1,pad=%d:%d:(ow-iw)/2:(oh-ih)/2,format=yuvj420p", w, h, width, height)
}

// within is the largest even size of the video's shape inside another.
func within(v Video, width, height int) (w, h int) {
	scale := min(float64(width)/float64(v.Width), float64(height)/float64(v.Height))
	return min(width, evenly(float64(v.Width)*scale)), min(height, evenly(float64(v.Height)*scale))
}

// evenly is the nearest even number, and at least 2: even the thinnest video has a picture.
func evenly(n float64) int { return max(2, 2*int(math.Round(n/2))) }
