package media

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// sideData is what ffprobe prints about the side data of a stream or a frame.
type sideData struct {
	Type   string `json:"side_data_type"`
	Matrix string `json:"displaymatrix"`
	// Of Dolby Vision. Compatibility is 0 where the base layer alone cannot be shown.
	Profile       int `json:"dv_profile"`
	Compatibility int `json:"dv_bl_signal_compatibility_id"`
}

// orientation is how players show the stored picture: mirrored left to right, and then turned.
type orientation struct {
	rotation int // degrees clockwise, at least 0 and below 360
	mirrored bool
}

func (v Video) orientation() orientation {
	return orientation{rotation: v.Rotation, mirrored: v.Mirrored}
}

// turn makes the picture shown in another way than before.
func (v *Video) turn(o orientation) {
	if o.sideways() != v.orientation().sideways() {
		v.Width, v.Height = v.Height, v.Width
	}
	v.Rotation, v.Mirrored = o.rotation, o.mirrored
}

// upright reports whether the picture is shown as it is stored.
func (o orientation) upright() bool { return o == orientation{} }

// sideways reports whether width and height of the picture change places.
func (o orientation) sideways() bool { return o.rotation%180 == 90 }

// orientationOf reads the display matrix; ok is false where there is none.
// ffmpeg takes an angle as a quarter turn when it is nearer than a degree.
func orientationOf(side []sideData) (o orientation, ok bool) {
	for _, s := range side {
		if s.Type != "Display Matrix" && s.Type != "3x3 displaymatrix" { // of a stream, of a frame
			continue
		}
		a, b, c, d, ok := quarter(s.Matrix)
		if !ok {
			continue
		}
		if o.mirrored = a*d < b*c; o.mirrored {
			a, b = -a, -b
		}
		width, height := math.Hypot(a, c), math.Hypot(b, d)
		if width == 0 || height == 0 {
			return orientation{}, true // such a matrix shows nothing; ffmpeg ignores it
		}
		degrees := (360 + int(math.Round(math.Atan2(b/height, a/width)*180/math.Pi))) % 360
		if turn := (degrees + 45) / 90 * 90; max(degrees-turn, turn-degrees) <= 1 {
			degrees = turn % 360
		}
		o.rotation = degrees
		return o, true
	}
	return orientation{}, false
}

// quarter reads the upper left quarter of a matrix that ffprobe printed: three
// lines, each a number with a colon and three values.
func quarter(matrix string) (a, b, c, d float64, ok bool) {
	rows := strings.Split(strings.TrimSpace(matrix), "\n")
	if len(rows) != 3 {
		return 0, 0, 0, 0, false
	}
	var values [4]float64
	for i := range values {
		fields := strings.Fields(rows[i/2])
		if len(fields) != 4 {
			return 0, 0, 0, 0, false
		}
		n, err := strconv.ParseInt(fields[1+i%2], 10, 32)
		if err != nil {
			return 0, 0, 0, 0, false
		}
		values[i] = float64(n)
	}
	return values[0], values[1], values[2], values[3], true
}

// filters turn the stored picture as players would.
func (o orientation) filters() []string {
	var filters []string
	if o.mirrored {
		filters = append(filters, "hflip")
	}
	switch o.rotation {
	case 0:
		return filters
	case 90:
		return append(filters, "transpose=clock")
	case 180:
		return append(filters, "hflip", "vflip")
	case 270:
		return append(filters, "transpose=cclock")
	}
	return append(filters, fmt.Sprintf("rotate=%d*PI/180", o.rotation))
}

// undo are the filters that make the stored picture of one that was turned.
func (o orientation) undo() []string {
	filters := orientation{rotation: (360 - o.rotation) % 360}.filters()
	if o.mirrored {
		filters = append(filters, "hflip")
	}
	return filters
}
