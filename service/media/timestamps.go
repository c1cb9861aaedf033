package media

import "time"

// EveryTimestamps are the timestamps 0, every, 2*every ... before the end. Where
// every is not positive there is only the first.
func EveryTimestamps(length, every time.Duration) []time.Duration {
	if length <= 0 {
		return nil
	}
	timestamps := []time.Duration{0}
	for at := time.Duration(0); every > 0 && at < length-every; {
		at += every
		timestamps = append(timestamps, at)
	}
	return timestamps
}

// EvenTimestamps are count timestamps: with a spacing, 0, spacing, 2*spacing ... as
// far as they lie before the end; without one, the middles of count equal
// pieces, because the first frame of a film is mostly black.
func EvenTimestamps(length time.Duration, count int, spacing time.Duration) []time.Duration {
	if length <= 0 || count <= 0 {
		return nil
	}
	var timestamps []time.Duration
	if spacing > 0 {
		for at := time.Duration(0); len(timestamps) < count; at += spacing {
			timestamps = append(timestamps, at)
			if at >= length-spacing { // before at can overflow
				break
			}
		}
		return timestamps
	}
	pieces := time.Duration(2 * count)
	for i := range count {
		odd := time.Duration(2*i + 1)
		timestamps = append(timestamps, length/pieces*odd+length%pieces*odd/pieces) // length*odd can overflow
	}
	return timestamps
}

// interval is the distance of timestamps that are those of EveryTimestamps.
func interval(timestamps []time.Duration) (every time.Duration, ok bool) {
	if len(timestamps) < 2 || timestamps[1] < time.Millisecond || timestamps[1]%time.Millisecond != 0 { // finer is not exact in ffmpeg
		return 0, false
	}
	for i, at := range timestamps {
		if at != time.Duration(i)*timestamps[1] {
			return 0, false
		}
	}
	return timestamps[1], true
}
