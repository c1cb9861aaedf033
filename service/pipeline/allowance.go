package pipeline

import (
	"cmp"
	"fmt"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/media"
)

const (
	// Snapshots, and outputs, of one asset hold together at most so many bytes and so many times what the media holds: a
	// small file must not fill the disk.
	allowed, allowedTimes = 256 << 20, 16
	// pixelsByte is how many pixels of a snapshot one byte of its file stands for, as photographs have it.
	pixelsByte = 16
	// defaultRate stands for the rate of an output that has none of its own, in bit/s for each line of the picture.
	defaultRate = 10_000
)

// allowance is how many bytes the results of one stage may hold.
func (w *attempt) allowance() int64 {
	return allowed + allowedTimes*max(w.media.Size, w.recording.Size)
}

// allowSnapshots refuses more snapshots than the asset may have, and takes room for the others.
func (w *attempt) allowSnapshots(plan asset.Thumbnail, n int) error {
	width, height := int64(w.info.Width), int64(w.info.Height)
	most := int64(cmp.Or(plan.MaxLength, media.DefaultMaxLength))
	if long := max(width, height); long > most {
		width, height = width*most/long, height*most/long
	}
	size := int64(n) * (width*height/pixelsByte + 1)
	if most := w.allowance(); size > most {
		return asset.Permanent(asset.CodeSnapshotFailed, fmt.Sprintf("%d snapshots of %dx%d pixels need about %d MB together; "+
			"for this media at most %d MB are allowed: ask for fewer or smaller ones.", n, width, height, size>>20, most>>20), nil)
	}
	return w.reserveResults(size)
}

// transcoded is about how many bytes the outputs of a plan hold.
func (w *attempt) transcoded(plan asset.Transcode) int64 {
	var rates int64 // bit/s
	for _, r := range plan.Renditions {
		rate := r.VideoBitRate
		if rate == 0 {
			rate = max(w.info.BitRate, int64(min(r.Height, w.info.Height))*defaultRate)
		}
		rates += rate + r.AudioBitRate
	}
	return min(w.allowance(), int64(float64(rates)/8*w.info.Duration.Seconds()))
}
