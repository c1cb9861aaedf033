// Package strictjson reads JSON objects field by field and collects every fault of a document instead of stopping
// at the first. It is the runtime of the generated decoders in gen/strict and
// gen/companions/strict.
package strictjson

import (
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
	scanner
	shared string // a copy of the document, once a string of it was read
	path   []byte
	faults []Fault
	depth  int
	first  bool // an object or array was entered, and nothing of it read yet
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
	r.reset(body)
	r.shared, r.path, r.faults, r.depth = "", r.path[:0], nil, 0
	r.first, r.due, r.broken = false, false, false
}

// Finish checks that nothing follows the value and returns every fault, in document order. Complete is false when the walk
// ended early, because the text is not JSON or not an object; what the faults do not name is then unknown, not absent.
func (r *Reader) Finish() (faults []Fault, complete bool) {
	if !r.broken && (r.depth > 0 || r.peek() != 0 || r.at < len(r.text)) {
		r.report("json", "must be one JSON object with nothing after it")
	}
	faults = r.faults
	r.reset(nil)
	r.shared, r.faults = "", nil
	return faults, !r.broken
}

// Object enters an object. It reports and skips anything else, and then returns false.
func (r *Reader) Object() bool { return r.enter('{', "must be an object") }

// Array enters an array. It reports and skips anything else, and then returns false.
func (r *Reader) Array() bool { return r.enter('[', "must be an array") }

func (r *Reader) enter(opening byte, message string) bool {
	if !r.expect(opening, message) || r.tooDeep() {
		return false
	}
	r.at++
	r.depth++
	r.first, r.due = true, false
	return true
}

// Name reads the next field's name and descends into it; ok is false at the end of the object, which it leaves.
// The name is valid until the next call.
func (r *Reader) Name() (name []byte, ok bool) {
	if !r.next('}') {
		return nil, false
	}
	name, _, ok = r.quoted()
	if !ok {
		return nil, r.breaks()
	}
	if len(r.path) > 0 {
		r.path = append(r.path, '.')
	}
	r.path = append(r.path, name...)
	r.due = true
	if !r.take(':') {
		return nil, r.breaks()
	}
	return name, true
}

// Index descends into element i; ok is false at the end of the array, which it leaves.
func (r *Reader) Index(i int) (ok bool) {
	if !r.next(']') {
		return false
	}
	r.path = append(r.path, '[')
	r.path = strconv.AppendInt(r.path, int64(i), 10)
	r.path = append(r.path, ']')
	r.due = true
	return true
}

// next reports whether another field or element comes. At the end it leaves the object or array.
func (r *Reader) next(closing byte) bool {
	switch {
	case r.broken || r.due && r.stuck():
		return false
	case r.take(closing):
		r.depth--
		r.first = false
		return false
	case !r.first && !r.take(','):
		return r.breaks()
	}
	r.first = false
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
	if !r.scalar('"', "must be a string") {
		return
	}
	raw, escaped, ok := r.quoted()
	switch {
	case !ok:
		r.breaks()
	case escaped:
		*v = T(raw)
	default:
		*v = T(r.share(raw))
	}
}

// maxShared is the size above which strings are copied one by one, so that none keeps a long document alive.
const maxShared = 4 << 10

// share returns the string that was stepped over last.
func (r *Reader) share(raw []byte) string {
	if len(r.text) > maxShared {
		return string(raw)
	}
	if r.shared == "" {
		r.shared = string(r.text)
	}
	end := r.at - len(`"`)
	return r.shared[end-len(raw) : end]
}

// Int reads a whole number that fits T, written without fraction or exponent.
func Int[T ~int32 | ~int64](r *Reader, v *T) {
	if !r.scalar('0', "must be a whole number") {
		return
	}
	raw, ok := r.number()
	if !ok {
		r.breaks()
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
	if !r.scalar('t', "must be true or false") {
		return
	}
	switch {
	case r.word("true"):
		*v = true
	case r.word("false"):
		*v = false
	default:
		r.breaks()
	}
}

// maxDepth bounds how deep objects and arrays nest, also where a document lets a schema hold itself.
const maxDepth = 64

// tooDeep reports and skips an object or array that nests deeper than any request may.
func (r *Reader) tooDeep() bool {
	if r.depth < maxDepth {
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

// scalar is expect for a value that is read as a whole.
func (r *Reader) scalar(kind byte, message string) bool {
	ok := r.expect(kind, message)
	r.due = false
	return ok
}

// expect reports whether a value of the kind follows, which is the first byte of such a value: '0' stands for all numbers,
// 't' for true and false. Anything else is reported and skipped.
func (r *Reader) expect(kind byte, message string) bool {
	if r.broken {
		return false
	}
	switch c := r.peek(); {
	case c == kind, kind == '0' && (c == '-' || '0' <= c && c <= '9'), kind == 't' && c == 'f':
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
	if r.broken {
		return false
	}
	return r.value() || r.breaks()
}

// breaks ends the walk at text that is not JSON, and returns false. The words of jsontext are not used: they repeat parts
// of the document.
func (r *Reader) breaks() bool {
	if r.broken {
		return false
	}
	r.broken = true
	err := r.fault()
	var at *jsontext.SyntacticError
	if !errors.As(err, &at) || errors.Is(err, io.ErrUnexpectedEOF) {
		r.report("json", "is not complete JSON")
		return false
	}
	if c, size := utf8.DecodeRune(r.text[at.ByteOffset:]); c == utf8.RuneError && size == 1 {
		r.report("encoding", fmt.Sprintf("must be UTF-8; byte %d is not", at.ByteOffset))
		return false
	}
	r.report("json", fmt.Sprintf("is not JSON, at byte %d", at.ByteOffset))
	return false
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
