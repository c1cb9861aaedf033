package playlist

import (
	"bytes"
	"io"
	"strings"
)

// References returns what a playlist names to be fetched, as it stands there, in order and perhaps repeatedly. It is for a
// caller who must know what belongs to a playlist also when Parse refuses it, and the names may be anything. The error is
// an *Error when r holds no HLS playlist, and wraps that of r when r could not be read.
func References(r io.Reader) ([]string, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > MaxSize:
		return nil, errorf(0, "the playlist is larger than %d bytes", MaxSize)
	}
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	if !bytes.HasPrefix(text, []byte("#EXTM3U")) {
		return nil, errorf(1, "it does not begin with #EXTM3U, so it is no playlist")
	}
	var names []string
	stream := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case line[0] != '#':
			names = append(names, line)
		case strings.HasPrefix(line, "#EXT-X-"):
			stream = true
			names = append(names, addresses(line)...)
		}
	}
	if !stream {
		return nil, errorf(0, "it has no tag of HLS, so it is a list of files that are played one after the other")
	}
	return names, nil
}

// addresses finds the quoted values of attributes whose name ends in URI, in whatever else the tag has.
func addresses(tag string) []string {
	var found []string
	for {
		_, rest, ok := strings.Cut(tag, `URI`)
		if !ok {
			return found
		}
		tag = rest
		if value, ok := strings.CutPrefix(strings.TrimLeft(rest, blanks), "="); ok {
			if quoted, ok := strings.CutPrefix(strings.TrimLeft(value, blanks), `"`); ok {
				name, rest, _ := strings.Cut(quoted, `"`)
				found, tag = append(found, name), rest
			}
		}
	}
}
