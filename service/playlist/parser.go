package playlist

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// parser goes through a playlist once, line by line.
type parser struct {
	in   *bufio.Reader
	size int // bytes read
	line int // of the line that is read

	kind     kind
	kindTag  string // what decided about kind, and where
	kindLine int
	seen     map[string]string // the tags that must not be repeated, with their values
	timed    bool              // there is a target duration
	ended    bool

	// announced is the line of an #EXTINF or #EXT-X-STREAM-INF whose name has not come yet.
	announced int
	joint     bool // a discontinuity stands before the next segment
	segment   Segment
	variant   Variant

	media  Media
	master Master
}

func newParser(r io.Reader) *parser {
	return &parser{in: bufio.NewReaderSize(r, MaxLine+len("\r\n")), seen: make(map[string]string)}
}

func (p *parser) run() error {
	for {
		text, err := p.next()
		if errors.Is(err, io.EOF) {
			return p.finish()
		}
		if err == nil {
			err = p.take(text)
		}
		if err != nil {
			return at(p.line, err)
		}
	}
}

// next returns a line without its end, and io.EOF after the last one. The text is valid until next is called again.
func (p *parser) next() ([]byte, error) {
	text, err := p.in.ReadSlice('\n')
	p.size += len(text)
	p.line++
	switch {
	case errors.Is(err, io.EOF) && len(text) == 0:
		return nil, io.EOF
	case p.size > MaxSize:
		return nil, errorf(0, "the playlist is larger than %d bytes", MaxSize)
	case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull):
		return nil, fmt.Errorf("read playlist: %w", err)
	}
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
	if len(text) > MaxLine || errors.Is(err, bufio.ErrBufferFull) {
		return nil, errorf(0, "the line is longer than %d bytes", MaxLine)
	}
	if rest := bytes.TrimRight(text, "\x1a"); err != nil && (len(rest) == 0 || rest[0] == '#') {
		text = rest // the mark of DOS for the end of a file; behind a name it would belong to the name
	}
	return bytes.TrimRight(text, blanks), nil
}

// take makes something of one line.
func (p *parser) take(text []byte) error {
	if p.line == 1 {
		if bytes.HasPrefix(text, []byte("\uFEFF")) {
			return errorf(0, marked)
		}
		switch {
		case bytes.HasPrefix(text, []byte("#EXTM3U\r")):
			return errorf(0, returns)
		case bytes.HasPrefix(text, []byte("#EXTM3U ")), bytes.HasPrefix(text, []byte("#EXTM3U\t")):
			return errorf(0, "#EXTM3U does not stand alone in its line; remove what stands behind it")
		case string(text) != "#EXTM3U":
			return errorf(0, "it does not begin with #EXTM3U, so it is no playlist")
		}
	}
	if err := checkText(text); err != nil {
		return err
	}
	switch {
	case len(text) == 0:
		return nil
	case text[0] != '#':
		return p.name(string(text))
	case bytes.HasPrefix(text, []byte("#EXT")):
		return p.tag(text)
	}
	return nil // a comment
}

// checkText refuses what no playlist may contain anywhere, comments included. Tabs may separate the parts of a tag.
func checkText(text []byte) error {
	if !utf8.Valid(text) {
		return errorf(0, "the line is not UTF-8")
	}
	plain := text
	if bytes.HasPrefix(text, []byte("#")) {
		plain = bytes.ReplaceAll(text, []byte("\t"), []byte(" "))
	}
	if i := bytes.IndexFunc(plain, unicode.IsControl); i >= 0 {
		r, _ := utf8.DecodeRune(text[i:])
		return errorf(0, "the line contains the control character %U", r)
	}
	return nil
}

func (p *parser) tag(text []byte) error {
	name, value, _ := bytes.Cut(text, []byte(":"))
	name, value = bytes.TrimRight(name, blanks), bytes.Trim(value, blanks)
	known, ok := tags[string(name)]
	if !ok {
		known.refuse = unknown
	}
	if known.refuse != "" {
		return errorf(0, "%.60s: %s", printable(name), known.refuse)
	}
	repeated, err := p.belong(string(name), string(value), known)
	if err != nil || repeated || known.read == nil {
		return err
	}
	return known.read(p, string(value))
}

// printable makes a name that a stranger chose fit for a message.
func printable(name []byte) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, string(name))
}

// belong checks that the tag may stand here, and reports whether it only repeats what stood before.
func (p *parser) belong(name, value string, t tag) (repeated bool, err error) {
	if t.once {
		before, seen := p.seen[name]
		if seen && !alike(before, value) {
			return false, errorf(0, "%s is specified more than once, with different values", name)
		}
		p.seen[name], repeated = value, seen
	}
	switch {
	case t.of == either || t.of == p.kind:
		return repeated, nil
	case p.kind == either:
		p.kind, p.kindTag, p.kindLine = t.of, name, p.line
		return repeated, nil
	}
	return false, errorf(0, "%s belongs to %s, but %s of line %d makes this %s", name, t.of, p.kindTag, p.kindLine, p.kind)
}

// name takes the segment or variant that the tag before it announced.
func (p *parser) name(name string) error {
	if p.announced == 0 {
		if err := checkName(name); err != nil {
			return err
		}
		return errorf(0, "%.80q has neither #EXTINF nor #EXT-X-STREAM-INF before it", name)
	}
	p.announced = 0
	if p.kind == master {
		return p.addVariant(name)
	}
	return p.addSegment(name)
}

func (p *parser) addVariant(name string) error {
	name = withoutDots(name)
	if err := checkName(name); err != nil {
		return err
	}
	if len(p.master.Variants) == MaxVariants {
		return errorf(0, "there are more than %d variants", MaxVariants)
	}
	p.variant.Name, p.variant.Line = name, p.line
	p.master.Variants = append(p.master.Variants, p.variant)
	return nil
}

func (p *parser) addSegment(name string) error {
	name = withoutDots(name)
	if err := checkSegmentName(name); err != nil {
		return err
	}
	if len(p.media.Segments) == MaxSegments {
		return errorf(0, "there are more than %d segments", MaxSegments)
	}
	p.segment.Name, p.segment.Line, p.segment.Discontinuity = name, p.line, p.joint
	p.joint = false
	p.media.Segments = append(p.media.Segments, p.segment)
	p.media.Total += p.segment.Duration
	return nil
}

// finish checks what only the end of the file can decide.
func (p *parser) finish() error {
	switch {
	case p.size == 0:
		return errorf(0, "it is empty")
	case p.announced != 0:
		return errorf(p.announced, "the name that belongs to this line is missing")
	case p.kind == master && len(p.master.Variants) == 0:
		return errorf(0, "it names no variant")
	case p.kind == master:
		return nil
	case len(p.media.Segments) == 0:
		return errorf(0, "it names no segment")
	case !p.timed:
		return errorf(0, "#EXT-X-TARGETDURATION is missing")
	case !p.ended:
		return errorf(0, "#EXT-X-ENDLIST is missing: the stream is still running, "+
			"and only finished recordings can be processed")
	case p.media.Total == 0:
		return errorf(0, "its segments have no length")
	}
	return nil
}
