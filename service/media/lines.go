package media

import (
	"bytes"
	"slices"
)

// lines hands on what is written to it by lines, and drops the rest of lines that are too long to be meant.
type lines struct {
	each func(string)
	part []byte
}

// maxLine bounds a line of lines, in bytes.
const maxLine = 4 << 10

func (l *lines) Write(b []byte) (int, error) {
	n := len(b)
	for {
		before, after, found := bytes.Cut(b, []byte{'\n'})
		l.part = append(l.part, before[:min(len(before), maxLine-min(maxLine, len(l.part)))]...)
		if !found {
			return n, nil
		}
		l.each(string(l.part))
		l.part, b = slices.Delete(l.part, 0, len(l.part)), after
	}
}
