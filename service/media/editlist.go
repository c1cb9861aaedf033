package media

import (
	"encoding/binary"
	"io"
	"os"
	"slices"
	"time"
)

// editList says which edits of a track of MP4 are shown, as far as ffmpeg does not heed it. In fragmented MP4 ffmpeg moves
// the timestamps, so that what is hidden at the beginning lies before 0, and does no more; elsewhere it shows the
// beginning again at an empty edit between two others.
type editList struct {
	fragmented bool
	until      time.Duration // when the first edit ends; 0: with the track
	cut        bool          // there are several edits, or one at another rate
	pauses     bool          // an empty edit follows another one
	paced      bool          // an edit has another rate, or dwells on one frame
	zero       bool          // an edit has the duration 0: only in fragmented MP4 it lasts to the end
}

// editLists reads the edit list of each track in its order, which is that of ffmpeg's streams.
func editLists(path string) ([]editList, error) {
	file, err := os.Open(path) //nolint:gosec // the caller's own file
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read
	movie, err := readMovie(file)
	if err != nil {
		return nil, err
	}
	lists := make([]editList, len(movie.tracks))
	for i, track := range movie.tracks {
		if lists[i], err = readEdits(track, movie.scale); unlessShort(err) != nil {
			return nil, err
		}
		lists[i].fragmented = movie.fragmented
	}
	return lists, nil
}

// readEdits reads the edit list of a track, whose durations are in units of the movie.
func readEdits(track *io.SectionReader, scale uint32) (list editList, err error) {
	_, err = eachBox(track, func(kind string, edits *io.SectionReader) (bool, error) {
		if kind != "edts" {
			return false, nil
		}
		return eachBox(edits, func(kind string, content *io.SectionReader) (bool, error) {
			if kind != "elst" {
				return false, nil
			}
			var err error
			list, err = parseEdits(content, scale)
			return true, err
		})
	})
	return list, err
}

// parseEdits reads an edit list (ISO/IEC 14496-12, 8.6.6).
func parseEdits(content *io.SectionReader, scale uint32) (list editList, err error) {
	var header [8]byte
	if _, err := content.ReadAt(header[:], 0); err != nil {
		return list, err
	}
	count, wide := binary.BigEndian.Uint32(header[4:]), header[0] == 1
	var delay, duration uint64
	delayed := false
	for i := range int64(min(count, maxBoxes)) {
		e, err := readEdit(content, wide, i)
		if err != nil {
			return list, err
		}
		list.zero = list.zero || e.zero()
		switch empty := e.mediaTime < 0; {
		case empty && i == 0: // what follows begins later
			delay, delayed = e.duration, true
		case empty:
			list.pauses = list.pauses || e.duration > 0
		case e.rate != normalRate:
			// One edit at the rate 0 is all of a film by a writer who left the field out.
			list.cut, list.paced = true, list.paced || count > 1 || e.rate != 0
		case duration > 0 || i > 1 || i == 1 && !delayed:
			list.cut = true
		default:
			duration = e.duration
		}
	}
	if units := delay + duration; duration > 0 && scale > 0 && units >= duration && units/uint64(scale) < uint64(maxEdit/time.Second) {
		list.until = time.Duration(float64(units) / float64(scale) * float64(time.Second))
	}
	return list, nil
}

// edit is an entry of an edit list.
type edit struct {
	at        int64  // of its duration in the list's box, in bytes
	wide      bool   // its numbers have 64 bits
	duration  uint64 // in units of the movie
	mediaTime int64  // in units of the track; below 0: an empty edit, which shows nothing
	rate      uint32 // 0 dwells on one frame
}

const normalRate = 1 << 16

// zero reports whether the edit shows something, and for the duration 0.
func (e edit) zero() bool { return e.mediaTime >= 0 && e.duration == 0 }

// readEdit reads an entry of a list.
func readEdit(content *io.SectionReader, wide bool, i int64) (edit, error) {
	size := int64(12)
	if wide {
		size = 20
	}
	e, b := edit{at: 8 + i*size, wide: wide}, make([]byte, size)
	if _, err := content.ReadAt(b, e.at); err != nil {
		return edit{}, err
	}
	e.duration, e.mediaTime = uint64(binary.BigEndian.Uint32(b)), int64(int32(binary.BigEndian.Uint32(b[4:]))) //nolint:gosec // signed
	if wide {
		e.duration, e.mediaTime = binary.BigEndian.Uint64(b), int64(binary.BigEndian.Uint64(b[8:])) //nolint:gosec // signed
	}
	e.rate = binary.BigEndian.Uint32(b[size-4:])
	return e, nil
}

const (
	// maxEdit is longer than any media.
	maxEdit = 10_000 * time.Hour
	// roundedEdit is how much of a track may lie behind the end of its edit: durations are rounded.
	roundedEdit = 100 * time.Millisecond
)

// errNoFrames is the refusal of a film whose picture has no packets.
func errNoFrames(lists []editList) error {
	if slices.ContainsFunc(lists, func(l editList) bool { return l.zero && !l.fragmented }) {
		return &Refusal{Kind: Broken, Reason: "An edit list has an edit with the duration 0, of which nothing is shown: export the film anew."}
	}
	return &Refusal{Kind: Broken, Reason: "The file declares a video stream, but contains no frames."}
}

// checkEdits refuses MP4 of which ffmpeg would show what an edit list hides.
func (s scan) checkEdits(lists []editList, info Info) error {
	for _, index := range info.streams() {
		if index >= len(lists) {
			continue
		}
		list, t := lists[index], s.track(index)
		if list.pauses {
			return &Refusal{Kind: Broken, Reason: "An edit list pauses picture or sound between two edits, which is not supported: export the film anew."}
		}
		if list.paced {
			return &Refusal{Kind: Broken, Reason: "An edit list plays picture or sound at another speed, which is not supported: export the film anew."}
		}
		if end := t.end + s.start; list.fragmented && (list.cut || list.until > 0 && end > list.until+roundedEdit) {
			return &Refusal{Kind: Broken, Reason: "An edit list of fragmented MP4 hides footage behind the beginning, or changes its speed, which is " +
				"not supported: write the film as MP4 without fragments."}
		}
	}
	return nil
}
