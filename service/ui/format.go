package ui

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/vod-reproduction/vod/service/asset"
)

// size formats bytes with three digits, in decimal units.
func size(n int64) string { return scaled(n, "B") }

// rate formats bits per second as size formats bytes, and "" where they are not known.
func rate(n int64) string {
	if n <= 0 {
		return ""
	}
	return scaled(n, "bit/s")
}

func scaled(n int64, unit string) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " " + unit
	}
	const units = "kMGTPE"
	v := float64(n) / 1000
	i := 0
	for ; v >= 999.5 && i < len(units)-1; i++ {
		v /= 1000
	}
	decimals := 0
	switch {
	case v < 9.995:
		decimals = 2
	case v < 99.95:
		decimals = 1
	}
	return strconv.FormatFloat(v, 'f', decimals, 64) + " " + units[i:i+1] + unit
}

// exact formats the number of bytes with its thousands set apart.
func exact(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits + " bytes"
}

// duration returns the two largest units of d; 0 for a clock that was set back.
func duration(d time.Duration) string {
	d = max(d, 0)
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Truncate(100*time.Millisecond).Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %02d s", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%d h %02d min", d/time.Hour, d%time.Hour/time.Minute)
}

// clock formats a position in a film as its viewers know it.
func clock(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// clip cuts text so that it takes at most limit bytes of a page, escapes
// included, and marks the cut. It keeps a page small whatever a title holds.
func clip(limit int, text string) string {
	used := 0
	for i, r := range text {
		switch r {
		case '"', '\'', '&', '+':
			used += len("&#34;")
		case '<', '>':
			used += len("&lt;")
		case 0:
			used += utf8.RuneLen(utf8.RuneError)
		default:
			used += utf8.RuneLen(r)
		}
		if used > limit {
			return text[:i] + "…"
		}
	}
	return text
}

// links returns the addresses of the files of one asset. The zero value, which
// is that of an asset whose files cannot be fetched, returns "" for every file.
type links struct {
	fileURL func(name string) string
	// Origin is the only place that the asset's page may load media from.
	Origin string
}

// newLinks returns the zero value unless the asset is published.
func (u *ui) newLinks(a asset.Asset) links {
	if a.State != asset.Published || a.Media == nil {
		return links{}
	}
	l := links{fileURL: func(name string) string { return u.FileURL(a, name) }}
	if l.Origin = originOf(l.fileURL(a.MediaName())); l.Origin == "" {
		return links{}
	}
	return l
}

// to returns the address of a file: "" for one that lies elsewhere than the media.
func (l links) to(name string) string {
	if l.Origin == "" || name == "" {
		return ""
	}
	address := l.fileURL(name)
	if originOf(address) != l.Origin {
		return ""
	}
	return address
}

// plainHost keeps out the hosts that would end a directive of a content policy.
var plainHost = regexp.MustCompile(`^[0-9A-Za-z.\-:\[\]]+$`)

// originOf returns "" for an address that no page should name.
func originOf(address string) string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || !plainHost.MatchString(parsed.Host) {
		return ""
	}
	return parsed.Scheme + "://" + parsed.Host
}
