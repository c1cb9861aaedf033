package playlist

import (
	"bytes"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

// References returns what a playlist names to be fetched, as it stands there with its variables replaced, in order and
// perhaps repeatedly. It is for a caller who must know what belongs to a playlist also when Parse refuses it, and the names
// may be anything. The error is an *Error when r holds no HLS playlist, and wraps that of r when r could not be read. Names
// stand beside an *Error where the text has tags of HLS all the same.
func References(r io.Reader) ([]string, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > MaxSize:
		return nil, errorf(0, "the playlist is larger than %d bytes", MaxSize)
	}
	wide := utf16Of(text)
	if wide != nil {
		if text, err = wide.NewDecoder().Bytes(text); err != nil {
			return nil, err
		}
	}
	text, mark := bytes.CutPrefix(text, []byte("\uFEFF"))
	var names, variables []string
	stream := false
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\r", "\n")) {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case line[0] != '#':
			names = append(names, line)
		case strings.HasPrefix(line, "#EXT-X-"):
			stream = true
			names = append(names, addresses(line)...)
			variables = append(variables, definition(line)...)
		}
	}
	if len(variables) > 0 {
		replacer, left := strings.NewReplacer(variables...), MaxSize // a short name may stand for a long one many times
		for i, name := range names {
			if len(name) <= longest && left > 0 {
				names[i] = replacer.Replace(name)
				left -= len(names[i])
			}
		}
	}
	switch {
	case wide != nil:
		err = errorf(1, "it is UTF-16; save the playlist as UTF-8 without a byte order mark")
	case !bytes.HasPrefix(text, []byte("#EXTM3U")):
		err = errorf(1, "it does not begin with #EXTM3U, so it is no playlist")
	case mark && stream:
		err = errorf(1, marked)
	case !stream:
		err = errorf(0, "it has no tag of HLS, so it is a list of files that are played one after the other")
	case onlyReturns(text):
		err = errorf(1, returns)
	}
	if !stream {
		names = nil
	}
	return names, err
}

// utf16Of returns the encoding of a text that begins as playlists in UTF-16 do, with a byte order mark or without; nil for
// any other.
func utf16Of(text []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("#\x00E\x00")):
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case bytes.HasPrefix(text, []byte("\xfe\xff")), bytes.HasPrefix(text, []byte("\x00#\x00E")):
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	return nil
}

// marked is why a playlist with a byte order mark is refused, as by ffmpeg and by RFC 8216.
const marked = "it begins with a byte order mark; save the playlist as UTF-8 without one"

// returns is why a playlist with the line ends of old Macs is refused.
const returns = "lines end in carriage returns alone; save the playlist with line feeds"

func onlyReturns(text []byte) bool {
	return bytes.HasPrefix(text, []byte("#EXTM3U\r")) && !bytes.Contains(text, []byte("\n"))
}

// longest is how many bytes a name or the value of a variable has at most for variables to be replaced: those of a key.
const longest = 1024

// definition returns how a variable is written and its value; nothing for another tag.
func definition(tag string) []string {
	list, ok := strings.CutPrefix(tag, "#EXT-X-DEFINE:")
	if !ok {
		return nil
	}
	found, err := attributes(list)
	if err != nil || found["NAME"] == "" || len(found["VALUE"]) > longest {
		return nil
	}
	return []string{"{$" + found["NAME"] + "}", found["VALUE"]}
}

// addresses finds the values of attributes whose name ends in URI, in whatever else the tag has. Some players take them
// without quotes.
func addresses(tag string) []string {
	var found []string
	for {
		_, rest, ok := strings.Cut(tag, `URI`)
		if !ok {
			return found
		}
		tag = rest
		if value, ok := strings.CutPrefix(strings.TrimLeft(rest, blanks), "="); ok {
			value = strings.TrimLeft(value, blanks)
			end := ","
			if quoted, ok := strings.CutPrefix(value, `"`); ok {
				value, end = quoted, `"`
			}
			name, rest, _ := strings.Cut(value, end)
			found, tag = append(found, strings.TrimRight(name, blanks)), rest
		}
	}
}
