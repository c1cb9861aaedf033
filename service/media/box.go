package media

import (
	"fmt"
	"math"
)

// box is where the picture of an output goes: pixels, all even and at least 2.
type box struct {
	shape         float64 // width by height of the video as it is shown
	width, height int     // of the picture
	// padded is the size with black borders.
	paddedWidth, paddedHeight int
	turn                      orientation
}

// newBox fits a video into a size; the box has the picture's own shape.
func newBox(v Video, width, height int) box {
	w, h := within(v, width, height)
	return box{shape: float64(v.Width) / float64(v.Height), width: w, height: h, paddedWidth: w, paddedHeight: h,
		turn: v.orientation()}
}

// maxPixelShape bounds how far from square a pixel is taken to be; what is farther is taken for a mistake.
const maxPixelShape = 16

// usualShape reports whether width by height of a pixel is taken as it is; where a film does not state it, it is 0.
func usualShape(shape float64) bool { return shape >= 1.0/maxPixelShape && shape <= maxPixelShape }

// sameShape is how much two shapes may differ by rounding, as a part of one.
const sameShape = 0.02

// filters scale the stored picture to the box, with more options of the scale
// filter and filters right behind it, and turn it as players would. Sizes of the
// output come from what Probe described, not from what each frame says of itself:
// a frame of another shape is not stretched but gets borders.
func (b box) filters(options string, then ...string) []string {
	if b.turn.sideways() {
		b.shape, b.width, b.height, b.paddedWidth, b.paddedHeight = 1/b.shape, b.height, b.width, b.paddedHeight, b.paddedWidth
	}
	// ld(0) is the shape of the frame.
	side := func(own, other int, along string) string {
		return fmt.Sprintf("st(0,a*if(between(sar,1/%[1]d,%[1]d),sar,1));if(lt(abs(ld(0)/%[2]g-1),%[3]g),%[4]d,clip(2*round(%[5]d%[6]sld(0)/2),2,%[4]d))",
			maxPixelShape, b.shape, sameShape, own, other, along)
	}
	filters := []string{fmt.Sprintf("scale=eval=frame:w='%s':h='%s'%s", side(b.width, b.height, "*"), side(b.height, b.width, "/"), options)}
	filters = append(filters, then...)
	filters = append(filters, "setsar=1", fmt.Sprintf("pad=%d:%d:(ow-iw)/2:(oh-ih)/2:eval=frame", b.paddedWidth, b.paddedHeight))
	return append(filters, b.turn.filters()...)
}

// within is the largest even size of the video's shape inside another.
func within(v Video, width, height int) (w, h int) {
	scale := min(float64(width)/float64(v.Width), float64(height)/float64(v.Height))
	return min(width, evenly(float64(v.Width)*scale)), min(height, evenly(float64(v.Height)*scale))
}

// evenly is the nearest even number, and at least 2: even the thinnest video has a picture.
func evenly(n float64) int { return max(2, 2*int(math.Round(n/2))) }
