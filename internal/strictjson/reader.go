// Package strictjson reads JSON objects field by field and collects every fault of a document instead of stopping
// at the first. It is the runtime of the generated decoders in gen/strict and
// gen/companions/strict.
package strictjson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Fault is one place where a document differs from what was asked.
type Fault struct {
	// Field is the field's path, such as "input.object" or "thumbnail.dots[2]"; empty for the document as a whole.
	Field string
	// Rule is the JSON Schema keyword that was broken, "json" where the text is not strict JSON, or "encoding" where it
	// is not UTF-8.
	Rule string
	// Message says what to change.
	Message string
}

// Reader walks one JSON document. The zero Reader is not ready; call Reset first. A Reader serves one goroutine at a
// time and may be reused.
type Reader struct {
	dec    *jsontext.Decoder
	body   []byte
	text   string // a copy of body, once a string of it was read
	buf    bytes.Buffer
	path   []byte
	faults []Fault
	due    bool // a field's name or an element's place was read, and its value not yet
	broken bool
}

var readers = sync.Pool{New: func() any { return new(Reader) }}

// Decode runs a generated decoder over body, which must not change meanwhile. It returns the value, which is never nil,
// and what Finish returns.
func Decode[T any](body []byte, read func(*Reader, *T)) (value *T, faults []Fault, complete bool) {
	value = new(T)
	faults, complete = Into(body, value, read)
	return value, faults, complete
}

// Into is Decode for a value that is there already, at its zero.
func Into[T any](body []byte, value *T, read func(*Reader, *T)) (faults []Fault, complete bool) {
	r := readers.Get().(*Reader)
	defer readers.Put(r)
	r.Reset(body)
	read(r, value)
	return r.Finish()
}

// Reset makes the Reader ready for body, which must not change until Finish has returned.
func (r *Reader) Reset(body []byte) {
	r.body, r.text, r.buf = body, "", *bytes.NewBuffer(body)
	// Names seen twice are found by the decoders themselves, which can then go on to the rest of the document.
	if r.dec == nil {
		r.dec = jsontext.NewDecoder(&r.buf, jsontext.AllowDuplicateNames(true))
	} else {
		r.dec.Reset(&r.buf, jsontext.AllowDuplicateNames(true))
	}
	r.path, r.faults, r.due, r.broken = r.path[:0], nil, false, false
}

// Finish checks that nothing follows the value and returns every fault, in document order. Complete is false when the walk
// ended early, because the text is not JSON or not an object; what the faults do not name is then unknown, not absent.
func (r *Reader) Finish() (faults []Fault, complete bool) {
	if !r.broken && r.follows() {
		r.report("json", "must be one JSON object with nothing after it")
	}
	faults = r.faults
	r.body, r.text, r.buf, r.faults = nil, "", bytes.Buffer{}, nil
	r.dec.Reset(&r.buf) // it has the body, too
	return faults, !r.broken
}

// follows reports whether there is anything but space after the value.
func (r *Reader) follows() bool {
	if r.dec.StackDepth() == 0 && r.dec.InputOffset() == int64(len(r.body)) {
		return false
	}
	_, err := r.dec.ReadToken()
	return !errors.Is(err, io.EOF)
}

// Object enters an object. It reports and skips anything else, and then returns false.
func (r *Reader) Object() bool {
	if !r.expect('{', "must be an object") || r.tooDeep() {
		return false
	}
	return r.enter()
}

// Array enters an array. It reports and skips anything else, and then returns false.
func (r *Reader) Array() bool {
	if !r.expect('[', "must be an array") || r.tooDeep() {
		return false
	}
	return r.enter()
}

func (r *Reader) enter() bool {
	r.due = false
	_, err := r.dec.ReadToken()
	return r.ok(err)
}

// Name reads the next field's name and descends into it; ok is false at the end of the object, which it leaves.
// The name is valid until the next call.
func (r *Reader) Name() (name []byte, ok bool) {
	if r.broken || r.due && r.stuck() {
		return nil, false
	}
	if r.dec.PeekKind() == '}' {
		_, err := r.dec.ReadToken()
		r.ok(err)
		return nil, false
	}
	raw, err := r.dec.ReadValue()
	if !r.ok(err) {
		return nil, false
	}
	name = raw[1 : len(raw)-1]
	if bytes.IndexByte(name, '\\') >= 0 {
		// ReadValue has already refused what cannot be unquoted.
		name, _ = jsontext.AppendUnquote(nil, raw)
	}
	if len(r.path) > 0 {
		r.path = append(r.path, '.')
	}
	r.path = append(r.path, name...)
	r.due = true
	return name, true
}

// Index descends into element i; ok is false at the end of the array, which it leaves.
func (r *Reader) Index(i int) (ok bool) {
	if r.broken || r.due && r.stuck() {
		return false
	}
	if r.dec.PeekKind() == ']' {
		_, err := r.dec.ReadToken()
		r.ok(err)
		return false
	}
	r.path = append(r.path, '[')
	r.path = strconv.AppendInt(r.path, int64(i), 10)
	r.path = append(r.path, ']')
	r.due = true
	return true
}

// Mark remembers the current place, for Back.
func (r *Reader) Mark() int { return len(r.path) }

// Back returns to a place that Mark returned.
func (r *Reader) Back(mark int) { r.path = r.path[:mark] }

// Unknown reports the current field as one that the contract does not have.
func (r *Reader) Unknown() {
	if r.skip() {
		r.report("additionalProperties", "is not a known field; check the spelling and the letter case")
	}
}

// Duplicate reports the current field as specified before.
func (r *Reader) Duplicate() {
	if r.skip() {
		r.report("json", "is specified more than once; keep one")
	}
}

// Missing reports a mandatory field of the current object as absent.
func (r *Reader) Missing(name string) {
	if r.broken {
		return
	}
	mark := r.Mark()
	if mark > 0 {
		r.path = append(r.path, '.')
	}
	r.path = append(r.path, name...)
	r.report("required", "is mandatory")
	r.Back(mark)
}

// String reads a string.
func String[T ~string](r *Reader, v *T) {
	if raw, ok := r.scalar('"', "must be a string"); ok {
		*v = T(r.unquote(raw))
	}
}

// maxShared is the size above which strings are copied one by one, so that none keeps a long document alive.
const maxShared = 4 << 10

// unquote returns the string that was read last.
func (r *Reader) unquote(raw []byte) string {
	switch {
	case bytes.IndexByte(raw, '\\') >= 0:
		s, _ := jsontext.AppendUnquote(nil, raw) // ReadValue has refused what cannot be unquoted
		return string(s)
	case len(r.body) > maxShared:
		return string(raw[1 : len(raw)-1])
	}
	if r.text == "" {
		r.text = string(r.body)
	}
	end := int(r.dec.InputOffset()) - 1
	return r.text[end-len(raw)+2 : end]
}

// Int reads a whole number that fits T, written without fraction or exponent.
func Int[T ~int32 | ~int64](r *Reader, v *T) {
	raw, ok := r.scalar('0', "must be a whole number")
	if !ok {
		return
	}
	bits := 64
	if wide := int64(1) << 40; int64(T(wide)) != wide {
		bits = 32
	}
	n, err := strconv.ParseInt(string(raw), 10, bits)
	switch {
	case errors.Is(err, strconv.ErrRange):
		r.report("format", fmt.Sprintf("must fit in %d bits", bits))
	case err != nil:
		r.report("type", "must be a whole number, written without fraction or exponent")
	default:
		*v = T(n)
	}
}

// Bool reads true or false.
func Bool[T ~bool](r *Reader, v *T) {
	if raw, ok := r.scalar('t', "must be true or false"); ok {
		*v = raw.Kind() == 't'
	}
}

// maxDepth bounds how deep objects and arrays nest, also where a document lets a schema hold itself.
const maxDepth = 64

// tooDeep reports and skips an object or array that nests deeper than any request may.
func (r *Reader) tooDeep() bool {
	if r.dec.StackDepth() < maxDepth {
		return false
	}
	if r.skip() {
		r.report("json", fmt.Sprintf("nests deeper than %d levels", maxDepth))
	}
	return true
}

// stuck ends the walk where a decoder left a value unread: it would meet the same value for ever.
func (r *Reader) stuck() bool {
	r.report("type", "has a value that cannot be read")
	r.broken = true
	return true
}

// scalar reads a value that is no object or array. It reports any other kind; false is of the same kind as true.
func (r *Reader) scalar(kind jsontext.Kind, message string) (raw jsontext.Value, ok bool) {
	if r.broken {
		return nil, false
	}
	r.due = false
	raw, err := r.dec.ReadValue()
	if !r.ok(err) {
		return nil, false
	}
	if got := raw.Kind(); got != kind && (kind != 't' || got != 'f') {
		r.mistyped(message)
		return nil, false
	}
	return raw, true
}

// expect looks whether an object or array follows; it reports and skips anything else.
func (r *Reader) expect(kind jsontext.Kind, message string) bool {
	if r.broken {
		return false
	}
	if r.dec.PeekKind() == kind {
		return true
	}
	if r.skip() {
		r.mistyped(message)
	}
	return false
}

func (r *Reader) mistyped(message string) {
	r.report("type", message)
	r.broken = len(r.path) == 0 // the document itself is of another kind: nothing in it can be read
}

// skip passes over the current value; it returns false where that is not JSON.
func (r *Reader) skip() bool {
	r.due = false
	return !r.broken && r.ok(r.dec.SkipValue())
}

// ok turns the first syntax error into the fault that ends the walk.
func (r *Reader) ok(err error) bool {
	if err == nil {
		return true
	}
	if !r.broken {
		r.report(r.syntax(err))
		r.broken = true
	}
	return false
}

// syntax words a syntax error. The decoder's own text is not used: it repeats parts of the document.
func (r *Reader) syntax(err error) (rule, message string) {
	var at *jsontext.SyntacticError
	if !errors.As(err, &at) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "json", "is not complete JSON"
	}
	if c, size := utf8.DecodeRune(r.body[at.ByteOffset:]); c == utf8.RuneError && size == 1 {
		return "encoding", fmt.Sprintf("must be UTF-8; byte %d is not", at.ByteOffset)
	}
	return "json", fmt.Sprintf("is not JSON, at byte %d", at.ByteOffset)
}

// A hostile document must not make the response larger than itself.
const (
	maxPath   = 128
	maxFaults = 100
)

func (r *Reader) report(rule, message string) {
	if len(r.faults) == maxFaults {
		return
	}
	r.faults = append(r.faults, Fault{Field: printable(r.path), Rule: rule, Message: message})
}

// printable returns a path that is safe in a log line or a terminal.
func printable(path []byte) string {
	cut := min(len(path), maxPath)
	for cut < len(path) && cut > 0 && !utf8.RuneStart(path[cut]) {
		cut--
	}
	s := string(path[:cut])
	if cut < len(path) {
		s += "…"
	}
	if strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) }) {
		s = strconv.QuoteToGraphic(s)
	}
	return s
}
