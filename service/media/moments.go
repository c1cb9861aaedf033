package media

import "time"

// EveryMoments are the moments 0, every, 2*every ... before the end. Where
// every is not positive there is only the first.
func EveryMoments(length, every time.Duration) []time.Duration {
	if length <= 0 {
		return nil
	}
	moments := []time.Duration{0}
	for at := time.Duration(0); every > 0 && at < length-every; {
		at += every
		moments = append(moments, at)
	}
	return moments
}

// EvenMoments are count moments: with a spacing, 0, spacing, 2*spacing ... as
// far as they lie before the end; without one, the middles of count equal
// pieces, because the first frame of a film is mostly black.
func EvenMoments(length time.Duration, count int, spacing time.Duration) []time.Duration {
	if length <= 0 || count <= 0 {
		return nil
	}
	var moments []time.Duration
	if spacing > 0 {
		for at := time.Duration(0); len(moments) < count; at += spacing {
			moments = append(moments, at)
			if at >= length-spacing { // before at can overflow
				break
			}
		}
		return moments
	}
	pieces := time.Duration(2 * count)
	for i := range count {
		odd := time.Duration(2*i + 1)
		moments = append(moments, length/pieces*odd+length%pieces*odd/pieces) // length*odd can overflow
	}
	return moments
}

// interval is the distance of moments that are those of EveryMoments.
func interval(moments []time.Duration) (every time.Duration, ok bool) {
	if len(moments) < 2 || moments[1] < time.Millisecond || moments[1]%time.Millisecond != 0 { // finer is not exact in ffmpeg
		return 0, false
	}
	for i, at := range moments {
		if at != time.Duration(i)*moments[1] {
			return 0, false
		}
	}
	return moments[1], true
}
