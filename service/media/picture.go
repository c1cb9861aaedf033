package media

import "strings"

// Picture says how snapshots look.
type Picture struct {
	// Wide letterboxes the picture into 16:9; else it keeps its own shape.
	Wide bool
	// MaxLength is the longest side in pixels; 0 is DefaultMaxLength. A smaller video is not enlarged.
	MaxLength int
}

// DefaultMaxLength is the API reference's longest side of a snapshot, in pixels.
const DefaultMaxLength = 480

// maxSide is the longest side of a JPEG that ffmpeg makes.
const maxSide = 65500

// filter makes the picture: progressive, in the colors of JPEG, with square pixels and even sides.
func (p Picture) filter(v Video) string {
	setDefault(&p.MaxLength, DefaultMaxLength)
	longest := min(p.MaxLength, max(v.Width, v.Height), maxSide)
	width, height := longest, longest
	if p.Wide {
		height = longest * 9 / 16
	}
	width, height = evenly(float64(width)), evenly(float64(height))
	b := newBox(v, width, height)
	if p.Wide {
		b.paddedWidth, b.paddedHeight = width, height
	}
	// Neighbors of a frame may be left out: its own fields must do.
	return strings.Join(append(v.Fields.progressive("estdif"), v.toJPEG(b)...), ",")
}
