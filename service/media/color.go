package media

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Color is how the samples of a picture become light, in ffmpeg's names: of
// ISO/IEC 23091-2. What neither the stream nor its frames say is "".
type Color struct {
	Matrix    string // such as "bt709"
	Range     string // "tv" (limited) or "pc" (full)
	Transfer  string // such as "smpte2084"
	Primaries string // such as "bt2020"
}

// newColor leaves out what ffprobe has no value for.
func newColor(matrix, levels, transfer, primaries string) Color {
	known := func(name string) string {
		if name == "unknown" || name == "unspecified" || name == "reserved" || strings.ContainsFunc(name, foreign) {
			return ""
		}
		return name
	}
	return Color{Matrix: known(matrix), Range: known(levels), Transfer: known(transfer), Primaries: known(primaries)}
}

// foreign reports whether a character belongs to no name of ffmpeg's: names become parts of filters.
func foreign(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
}

// or returns the color with what it does not say taken from another.
func (c Color) or(other Color) Color {
	return Color{Matrix: cmp.Or(c.Matrix, other.Matrix), Range: cmp.Or(c.Range, other.Range),
		Transfer: cmp.Or(c.Transfer, other.Transfer), Primaries: cmp.Or(c.Primaries, other.Primaries)}
}

// What the filters are asked for by name.
const (
	bt709, bt601, bt2020 = "bt709", "smpte170m", "bt2020"
	limited, full        = "tv", "pc"
)

// iptC2 is the matrix of Dolby Vision without a base layer for other players, as profile 5 has it. ffmpeg
// decodes such a picture and cannot make its colors.
const iptC2 = "ipt-c2"

// dolbyVision reports whether side data of a stream says that it is of that kind.
func dolbyVision(side []sideData) bool {
	return slices.ContainsFunc(side, func(s sideData) bool {
		return s.Type == "DOVI configuration record" && s.Profile > 0 && s.Compatibility == 0 && s.Profile != 7
	})
}

// showable refuses a picture whose colors cannot be made.
func (v Video) showable() error {
	if v.Color.Matrix != iptC2 {
		return nil
	}
	return &Refusal{Kind: Mismatch, Reason: "The picture is Dolby Vision without a base layer for other players (profile 5), whose colors only its " +
		"own players can show: export it as profile 8 or as HDR10."}
}

// transfers are the ones of high dynamic range: PQ and HLG.
var transfers = map[string]bool{"smpte2084": true, "arib-std-b67": true}

// wide are the primaries whose colors do not fit into those of BT.709.
var wide = map[string]bool{bt2020: true, "smpte431": true, "smpte432": true}

// known returns the color with nothing left open: where the film does not say,
// what players assume.
func (v Video) known() Color {
	c := v.Color
	if strings.Contains(v.PixelFormat, "rgb") || strings.Contains(v.PixelFormat, "bgr") || strings.HasPrefix(v.PixelFormat, "gbr") {
		c.Matrix = "" // there is none yet: what counts is the one of the output
		setDefault(&c.Range, full)
	}
	if strings.HasPrefix(v.PixelFormat, "yuvj") {
		c.Range = full
	}
	usual := Color{Matrix: bt601, Range: limited, Transfer: bt709, Primaries: bt709}
	switch {
	case strings.HasPrefix(c.Matrix, bt2020) || c.Matrix == "" && (c.Primaries == bt2020 || transfers[c.Transfer]):
		usual.Matrix, usual.Primaries = "bt2020nc", bt2020
	case max(v.Width, v.Height) >= 1280 || min(v.Width, v.Height) > 576:
		usual.Matrix = bt709
	}
	return c.or(usual)
}

// standard reports whether the color can be shown by every player of 8-bit H.264:
// neither high dynamic range nor a wide gamut.
func (v Video) standard() bool {
	c := v.known()
	return !transfers[c.Transfer] && !wide[c.Primaries] && scaled[c.Matrix] != ""
}

// scaled are the matrices that ffmpeg's scale filter knows, with its own names for them.
var scaled = map[string]string{bt709: bt709, bt601: bt601, "bt470bg": bt601, "fcc": "fcc", "smpte240m": "smpte240m", "bt2020nc": bt2020}

// Of pictures with high dynamic range, reference white (BT.2408) comes out just
// below white; what is brighter is compressed up to the nominal peak.
const (
	referenceWhite = 203  // cd/m²
	nominalPeak    = 1000 // cd/m²
	linearBelow    = 0.7  // of reference white: darker light is kept
)

// render are the filters that make a color of every kind standard: the samples
// become linear light, of which the primaries and the range of brightness are reduced.
func (c Color) render(matrix, levels string) []string {
	filters := []string{
		fmt.Sprintf("setparams=colorspace=%s:range=%s:color_trc=%s:color_primaries=%s", c.Matrix, c.Range, c.Transfer, c.Primaries),
		fmt.Sprintf("zscale=t=linear:npl=%d", referenceWhite), "format=gbrpf32le", "zscale=p=bt709",
	}
	if transfers[c.Transfer] {
		filters = append(filters, fmt.Sprintf("tonemap=tonemap=mobius:param=%g:peak=%g:desat=0", linearBelow, float64(nominalPeak)/referenceWhite))
	}
	return append(filters, fmt.Sprintf("zscale=t=bt709:m=%s:r=%s", matrix, levels))
}

// toVideo are the filters that bring a picture into a size, and its color into one
// that 8-bit H.264 is played with, and that name that color.
func (v Video) toVideo(b box) []string {
	c := v.known()
	if !v.standard() {
		return append(append(b.filters(""), c.render(bt709, limited)...), "format=yuv420p",
			"setparams=colorspace=bt709:range=tv:color_trc=bt709:color_primaries=bt709")
	}
	if kept[c.Matrix] {
		return append(b.filters(c.keep(limited), "format=yuv420p"), "setparams=range=tv:colorspace="+c.Matrix)
	}
	return append(b.filters(c.keep(c.Range), "format=yuv420p"), c.convert(bt709, limited), "setparams=range=tv:colorspace="+bt709)
}

// toJPEG is toVideo for JPEG, which has the matrix of BT.601, full range, and
// the primaries of BT.709.
func (v Video) toJPEG(b box) []string {
	const format = "format=yuvj420p"
	c := v.known()
	if !v.standard() {
		return append(append(b.filters(""), c.render(bt601, full)...), format)
	}
	if jpegs[c.Matrix] {
		return b.filters(c.keep(full), format)
	}
	return append(b.filters(c.keep(c.Range), "format=yuv420p"), c.convert(bt601, full), format)
}

// Matrices that need no conversion: in videos and in JPEGs.
var (
	kept  = map[string]bool{bt709: true, bt601: true, "bt470bg": true}
	jpegs = map[string]bool{bt601: true, "bt470bg": true}
)

// keep are the options with which the scale filter changes nothing but the levels.
func (c Color) keep(levels string) string {
	matrix := scaled[c.Matrix]
	return fmt.Sprintf(":in_color_matrix=%s:out_color_matrix=%s:in_range=%s:out_range=%s", matrix, matrix, c.Range, levels)
}

// convert is the filter that changes matrix and levels of 4:2:0 pictures, and nothing else: for
// that, the scale filter takes several times as long.
func (c Color) convert(matrix, levels string) string {
	from := c.Matrix
	if from == "bt2020nc" {
		from = "bt2020ncl"
	}
	return fmt.Sprintf("colorspace=ispace=%s:irange=%s:iprimaries=bt709:itrc=bt709:space=%s:range=%s:primaries=bt709:trc=bt709:fast=1",
		from, c.Range, matrix, levels)
}
