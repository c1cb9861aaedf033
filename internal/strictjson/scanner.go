package strictjson

import (
	"bytes"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// scanner steps over the tokens of a JSON text and takes exactly what jsontext takes. It only knows that a text is wrong;
// where and why, jsontext says.
type scanner struct {
	text []byte
	at   int
	dec  *jsontext.Decoder
	buf  bytes.Buffer
}

func (s *scanner) reset(text []byte) {
	s.text, s.at = text, 0
	s.buf = bytes.Buffer{}
	if s.dec != nil {
		s.dec.Reset(&s.buf) // it may still have the text before
	}
}

// decoder returns one that reads from a place of the text. Names seen twice are found by the generated decoders, which
// can then go on to the rest of the document.
func (s *scanner) decoder(at int) *jsontext.Decoder {
	s.buf = *bytes.NewBuffer(s.text[at:])
	if s.dec == nil {
		s.dec = new(jsontext.Decoder)
	}
	s.dec.Reset(&s.buf, jsontext.AllowDuplicateNames(true))
	return s.dec
}

// fault returns what jsontext says about the text.
func (s *scanner) fault() error { return s.decoder(0).SkipValue() }

// peek returns the next byte behind white space, or 0 at the end of the text.
func (s *scanner) peek() byte {
	for ; s.at < len(s.text); s.at++ {
		if c := s.text[s.at]; c > ' ' || c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return c
		}
	}
	return 0
}

// take steps over one byte, behind white space, if it is c.
func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.at++
	return true
}

// plain has the bytes of a string that stand for themselves and need no look at their neighbors.
var plain = func() (table [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		table[c] = c != '"' && c != '\\'
	}
	return table
}()

// quoted steps over a string and returns it without its quotes and, if it was escaped, as a copy without escapes.
func (s *scanner) quoted() (raw []byte, escaped, ok bool) {
	if !s.take('"') {
		return nil, false, false
	}
	wide := false
	for i := s.at; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case plain[c]:
		case c == '"':
			raw, s.at = s.text[s.at:i], i+1
			if escaped {
				raw, err := jsontext.AppendUnquote(nil, s.text[s.at-len(raw)-2:s.at])
				return raw, true, err == nil
			}
			return raw, false, !wide || utf8.Valid(raw)
		case c == '\\':
			escaped = true
			i++ // a quote behind it does not end the string
		case c >= utf8.RuneSelf:
			wide = true
		default:
			return nil, false, false
		}
	}
	return nil, false, false
}

// number steps over a number.
func (s *scanner) number() (raw []byte, ok bool) {
	begin := s.at
	s.one('-')
	if !s.one('0') && !s.digits() {
		return nil, false
	}
	if s.one('.') && !s.digits() {
		return nil, false
	}
	if s.one('e') || s.one('E') {
		if !s.one('+') {
			s.one('-')
		}
		if !s.digits() {
			return nil, false
		}
	}
	return s.text[begin:s.at], true
}

// one steps over c, if it stands here.
func (s *scanner) one(c byte) bool {
	if s.at == len(s.text) || s.text[s.at] != c {
		return false
	}
	s.at++
	return true
}

// digits steps over digits and reports whether there were any.
func (s *scanner) digits() bool {
	begin := s.at
	for s.at < len(s.text) && '0' <= s.text[s.at] && s.text[s.at] <= '9' {
		s.at++
	}
	return s.at > begin
}

// word steps over w, if it stands here.
func (s *scanner) word(w string) bool {
	if !bytes.HasPrefix(s.text[s.at:], []byte(w)) {
		return false
	}
	s.at += len(w)
	return true
}

// value steps over a value of any kind.
func (s *scanner) value() bool {
	dec := s.decoder(s.at)
	if dec.SkipValue() != nil {
		return false
	}
	s.at += int(dec.InputOffset())
	return true
}
