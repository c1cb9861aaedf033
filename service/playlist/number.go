package playlist

import (
	"math"
	"strconv"
	"strings"
	"time"
)

const digits = "0123456789"

// integer reads a number that should be an integer but may carry a fraction, as some servers write it. exact reports
// whether the fraction is zero; the number is rounded down otherwise.
func integer(text string) (n uint64, exact, ok bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	if strings.Trim(fraction, digits) != "" || strings.Trim(whole, digits) != "" {
		return 0, false, false
	}
	n, err := strconv.ParseUint(whole, 10, 64)
	return n, strings.Trim(fraction, "0") == "", err == nil
}

// alike reports whether two values say the same: as texts, or as whole numbers such as 2 and 2.0.
func alike(a, b string) bool {
	if a == b {
		return true
	}
	n, exactA, okA := integer(a)
	m, exactB, okB := integer(b)
	return n == m && exactA && okA && exactB && okB
}

// bitRate reads a bandwidth. It is an upper bound, so a fraction is rounded up.
func bitRate(text string) (int64, error) {
	n, exact, ok := integer(text)
	if ok && !exact {
		n++
	}
	if !ok || n > math.MaxInt64 {
		return 0, errorf(0, "the bandwidth %.40q is no number of bits per second", text)
	}
	return int64(n), nil
}

// pixels reads a size such as 1280x720. Variants without a picture have 0x0 on some servers, which says nothing.
func pixels(text string) (width, height int, err error) {
	side := func(text string) (int, bool) {
		n, exact, ok := integer(strings.Trim(text, blanks))
		return int(min(n, math.MaxUint16+1)), exact && ok && n <= math.MaxUint16
	}
	w, h, _ := strings.Cut(strings.ToLower(text), "x")
	width, okW := side(w)
	height, okH := side(h)
	if !okW || !okH || (width == 0) != (height == 0) {
		return 0, 0, errorf(0, "the resolution %.40q is not written like 1280x720", text)
	}
	return width, height, nil
}

// seconds reads a decimal number. ParseFloat alone would take NaN, infinity, signs, exponents and more.
func seconds(text string) (time.Duration, error) {
	if strings.Trim(text, digits+".") == "" {
		if n, err := strconv.ParseFloat(text, 64); err == nil && n <= MaxDuration.Seconds() {
			return time.Duration(math.Round(n * float64(time.Second))), nil
		}
	}
	return 0, errorf(0, "%.40q is no duration; expected are 0 to %.0f seconds", text, MaxDuration.Seconds())
}
