package media

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrNoPicture means that there is no moving picture, neither for snapshots nor for transcoding.
var ErrNoPicture = errors.New("the media has no picture")

// Frame is one snapshot, a JPEG file.
type Frame struct {
	Offset time.Duration // the timestamp that was asked for
	Path   string
}

const (
	// maxSeeks is how many snapshots one process takes by seeking to each, unless the picture is large: every one
	// holds a decoder.
	maxSeeks = 10
	// seekPixels bounds the pixels of the frames that the decoders of one process work on.
	seekPixels = 16 << 20
	// Seeking against decoding: about what one seek costs, and what is decoded in a second. Only the ratio counts.
	seekCost     = 40 * time.Millisecond
	pixelsSecond = 1.7e9
	// nearFrame is the longest time for which a frame is taken to be shown, where the film does not say or is slower.
	nearFrame = 40 * time.Millisecond
)

// Snapshots writes the frame that is shown at each timestamp into dir, as
// 00001.jpg, 00002.jpg ... in the order of timestamps, which may lie in any order
// and be equal. A timestamp before the first frame shows the first, one behind the
// last frame the last. Media without a picture returns ErrNoPicture, media of
// which no picture can be decoded a [*Refusal]. progress, which may be nil, is
// called with the number of snapshots that are done. How the frames are reached depends on the
// timestamps and the film (docs/decisions/0005); which frames they are does not.
func (t *Tools) Snapshots(ctx context.Context, in Input, info Info, timestamps []time.Duration, p Picture, dir string,
	progress func(done, total int)) ([]Frame, error) {
	if info.Video == nil {
		return nil, ErrNoPicture
	}
	if err := info.Video.showable(); err != nil {
		return nil, err
	}
	if progress == nil {
		progress = func(int, int) {}
	}
	c := thumbnailer{Tools: t, in: in, info: info, picture: p.filter(*info.Video), dir: dir, progress: progress}
	for i, at := range timestamps {
		c.snapshots = append(c.snapshots, Frame{Offset: at, Path: filepath.Join(dir, fmt.Sprintf("%05d.jpg", i+1))})
	}
	err := c.take(ctx, timestamps)
	if refusal, ok := errors.AsType[*Refusal](err); ok && refusal.Kind == Broken && info.Audio != nil && in.search() != nil {
		c.search = in.search() // the clock is the sound's, which may begin late
		err = c.take(ctx, timestamps)
	}
	if err != nil {
		return nil, err
	}
	progress(len(c.snapshots), len(c.snapshots))
	return c.snapshots, nil
}

// take chooses how to reach the frames, and takes all snapshots.
func (c *thumbnailer) take(ctx context.Context, timestamps []time.Duration) error {
	left := make([]int, len(timestamps))
	for i := range left {
		left[i] = i
	}
	if every, ok := interval(timestamps); ok && len(timestamps) > maxSeeks {
		var gap time.Duration
		var err error
		if left, gap, err = c.keyFrames(ctx, every); err != nil {
			return err
		}
		if len(left) > maxSeeks && !c.seeksPay(every, gap) {
			if left, err = c.decodeAll(ctx, every); err != nil {
				return err
			}
		}
	}
	if len(left) > 0 && c.info.Restarts { // what is sought by its timestamp would be found in the wrong recording
		return errJoined
	}
	return c.seek(ctx, left)
}

// thumbnailer takes the snapshots of one film.
type thumbnailer struct {
	*Tools
	in        Input
	info      Info
	picture   string // the filter
	dir       string
	snapshots []Frame
	search    []string // arguments, see [Input.search]
	progress  func(done, total int)
}

// seeksPay reports whether to seek to timestamps of a distance is cheaper than to
// decode all between them, when key frames lie a gap apart.
func (c *thumbnailer) seeksPay(every, gap time.Duration) bool {
	v := c.info.Video
	load := float64(v.Width) * float64(v.Height) * max(v.FrameRate, 1) / pixelsSecond // seconds to decode a second
	return seekCost.Seconds()+gap.Seconds()/2*load < every.Seconds()*load
}

// start runs ffmpeg and reports each frame that was decoded for a snapshot, with its time.
func (c *thumbnailer) start(ctx context.Context, args []string, frame func(snapshot int, at time.Duration)) error {
	var at time.Duration
	err := c.Tools.start(ctx, run{program: c.ffmpeg, args: args, input: c.in.Path, dir: c.dir, most: c.in.MaxResults, limit: c.limits.Stall,
		progress: func(time.Duration) {},
		lines: func(line string) {
			if _, rest, ok := strings.Cut(line, "pts:"); ok && strings.HasPrefix(line, "frame:") {
				us, _ := strconv.ParseInt(strings.Fields(rest + " 0")[0], 10, 64)
				at = time.Duration(us) * time.Microsecond
			} else if value, ok := strings.CutPrefix(line, snapshotTag+"="); ok {
				if snapshot, err := strconv.Atoi(value); err == nil && snapshot >= 0 && snapshot < len(c.snapshots) {
					frame(snapshot, at)
				}
			}
		},
	})
	return blame(err, Broken, "The media could not be decoded.")
}

// snapshotTag is the tag of decoded frames that makes ffmpeg print them.
const snapshotTag = "vod.snapshot"

// report is the filter that makes ffmpeg print a line with the time, which is
// in microseconds, and one with the snapshot, for the frames of which an expression is true.
func report(snapshot int, when string) string {
	return fmt.Sprintf("metadata=mode=add:key=%s:value=%d:enable='%s',metadata=mode=print:key=%s:file=-,", snapshotTag, snapshot, when, snapshotTag)
}

// Of which frames a run is heard.
const (
	everyFrame = "1"
	// signOfLife are the first and as many more as show that it is at work.
	signOfLife = "not(mod(n,50))"
	// everySecond are those and one for each second of the film, however far frames lie apart. ffmpeg asks twice about a frame.
	everySecond = "if(" + signOfLife + "+gte(t,ld(0)+1)+eq(t,ld(0)),1+0*st(0,t))"
)

// decoder are the arguments that open the film for its picture alone.
func (c *thumbnailer) decoder(more ...string) []string {
	if c.info.Video.Fields == "" {
		// Frames of another size must not start the count of frames anew; the filters up to the one that scales can take any.
		more = append(more, "-reinit_filter", "0")
	}
	return c.in.args(c.limits, slices.Concat(c.search, more, []string{"-noautorotate", "-threads", strconv.Itoa(c.limits.Threads), "-sn", "-dn"})...)
}

// clock are the arguments of an output that makes an input's times count from
// its start. Of these formats ffmpeg counts from the first stream that is wanted.
func (c *thumbnailer) clock(input int) []string {
	if demuxer := c.in.format().Demuxer; c.info.Audio == nil || demuxer != "mpegts" && demuxer != "mpeg" {
		return nil
	}
	return []string{"-map", fmt.Sprintf("%d:%d", input, c.info.Audio.Index), "-c", "copy", "-frames:a", "1", "-f", "null", "-"}
}

// jpeg are the arguments of files with JPEGs. Each frame of the filters is written once, whatever its time.
var jpeg = []string{"-fps_mode", "passthrough", "-c:v", "mjpeg", "-q:v", "3", "-f", "image2"}

// taken reports whether a snapshot has its file.
func (c *thumbnailer) taken(snapshot int) bool {
	file, err := os.Stat(c.snapshots[snapshot].Path)
	return err == nil && file.Size() > 0
}

// discard removes what an earlier plan took for a snapshot: it might be another frame.
func (c *thumbnailer) discard(snapshot int) error {
	if err := os.Remove(c.snapshots[snapshot].Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
