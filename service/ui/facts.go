package ui

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/vod-reproduction/vod/service/asset"
)

// fact is one line of technical data.
type fact struct{ Name, Value string }

// facts puts the technical data of the media into words, without what is not known.
func facts(m *asset.MediaInfo) (list []fact) {
	if m == nil {
		return nil
	}
	add := func(name, value string) {
		if value != "" {
			list = append(list, fact{name, value})
		}
	}
	add("Container", m.Container)
	if m.Duration > 0 {
		add("Length", duration(m.Duration))
	}
	add("Bit rate", rate(m.BitRate))
	add("Picture", joined(m.VideoCodec, pixels(*m), frames(m.FrameRate), m.PixelFormat, rate(m.VideoBitRate)))
	add("Sound", joined(m.AudioCodec, channels(m.Channels), sampling(m.SampleRate)))
	return list
}

// joined lists the parts that are there.
func joined(parts ...string) string {
	var there []string
	for _, part := range parts {
		if part != "" {
			there = append(there, part)
		}
	}
	return strings.Join(there, ", ")
}

func pixels(m asset.MediaInfo) string {
	if m.Width <= 0 || m.Height <= 0 {
		return ""
	}
	return fmt.Sprintf("%d × %d", m.Width, m.Height)
}

func frames(perSecond float64) string {
	if perSecond <= 0 {
		return ""
	}
	return strconv.FormatFloat(perSecond, 'g', 4, 64) + " fps"
}

func channels(n int) string {
	switch {
	case n <= 0:
		return ""
	case n == 1:
		return "mono"
	case n == 2:
		return "stereo"
	}
	return strconv.Itoa(n) + " channels"
}

func sampling(hertz int) string {
	if hertz <= 0 {
		return ""
	}
	return strconv.FormatFloat(float64(hertz)/1000, 'g', 4, 64) + " kHz"
}
