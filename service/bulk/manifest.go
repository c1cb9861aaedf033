package bulk

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"

	"github.com/vod-reproduction/vod/contract"
)

// Manifest is a file of requests: lines that are each a request body of the API or the obs:// address of an object, or a
// table (see table.read).
type Manifest struct {
	// Path is the file; empty for Reader.
	Path string
	// Reader is read once, instead of a file. When the context ends, a read that waits is left behind.
	Reader io.Reader
	// CSV makes a table of a file whose first line does not show that it is one.
	CSV bool
	// IgnoreColumns leaves out columns of a table that are no fields of the request.
	IgnoreColumns bool
	// Notice, if not nil, is called with what the reader of the manifest may not expect of its form.
	Notice func(text string)
	// Encoding is that of the text; nil is UTF-8. A line that is not in it ends the manifest with ErrEncoding.
	Encoding encoding.Encoding
	// Defaults has the fields that a line lacks; nil has none.
	Defaults *Defaults
}

// ErrEncoding means that a line of a manifest is not text in its encoding. Nothing of the manifest is sent then: other
// lines may only look as if they were, and would be published under titles that nobody wrote.
var ErrEncoding = errors.New("is not text in the encoding of the file")

// maxRaw bounds what is kept of a line that could not be understood, in bytes.
const maxRaw = 4 << 10

// Entries yields one entry a line. Blank lines are left out. It reads no further than it is asked.
func (m *Manifest) Entries(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		var source io.Reader
		name := "standard input"
		if m.Path == "" {
			source = NewStoppable(ctx, m.Reader)
		} else {
			file, err := os.Open(m.Path)
			if err != nil {
				yield(Entry{}, fmt.Errorf("read the manifest: %w", err))
				return
			}
			defer func() { _ = file.Close() }()
			source, name = file, m.Path
		}
		if m.Encoding != nil {
			source = transform.NewReader(source, m.Encoding.NewDecoder())
		}
		buffered := bufio.NewReaderSize(source, 256<<10)
		begin, _ := buffered.Peek(4) // a fault shows again when the form is looked at
		if other := otherText(begin); other != "" {
			yield(Entry{}, fmt.Errorf("read %s: it begins as %s does, and %w", name, other, ErrEncoding))
			return
		}
		for bytes.HasPrefix(begin, byteOrderMark) {
			_, _ = buffered.Discard(len(byteOrderMark)) // it was just seen
			begin, _ = buffered.Peek(4)
		}
		read, err := m.form(buffered, name)
		if err != nil {
			yield(Entry{}, fmt.Errorf("read %s: %w", name, err))
			return
		}
		for entry, err := range read(buffered) {
			if err == nil && m.Encoding != nil && bytes.ContainsRune(entry.Raw, utf8.RuneError) {
				err = fmt.Errorf("line %d %w", entry.Line, ErrEncoding)
			}
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(Entry{}, fmt.Errorf("read %s: %w", name, err))
				return
			}
			if !yield(m.judge(entry), nil) {
				return
			}
		}
	}
}

// byteOrderMark begins each of the files that were joined to one.
var byteOrderMark = []byte("\ufeff")

// otherText names the encoding that the first bytes show where it is not the one that the file is read in. A manifest begins
// with ASCII, so UTF-16 shows without a mark too.
func otherText(begin []byte) string {
	ascii := func(b byte) bool { return b > 0 && b < utf8.RuneSelf }
	switch {
	case bytes.HasPrefix(begin, []byte("\xff\xfe")):
		return "utf-16le"
	case bytes.HasPrefix(begin, []byte("\xfe\xff")):
		return "utf-16be"
	case bytes.HasPrefix(begin, []byte("\ufffe")):
		return "UTF-16 of the other byte order"
	case len(begin) < 4:
	case ascii(begin[0]) && begin[1] == 0 && ascii(begin[2]) && begin[3] == 0:
		return "utf-16le"
	case begin[0] == 0 && ascii(begin[1]) && begin[2] == 0 && ascii(begin[3]):
		return "utf-16be"
	}
	return ""
}

// isNoText reports whether text cannot be part of a request.
func isNoText(text []byte) bool { return !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 }

// judge parses the body of a line.
func (m *Manifest) judge(e Entry) Entry {
	if len(e.Violations) > 0 {
		return e
	}
	if m.Defaults == nil {
		e.Request, e.Violations = contract.Parse(e.Raw)
	} else {
		e.Request, e.Violations = m.Defaults.complete(e.Raw)
	}
	if len(e.Violations) > 0 {
		e.Raw = bytes.Clone(e.Raw[:min(len(e.Raw), maxRaw)])
	} else {
		e.Request.VideoType = contract.Canonical(e.Request.VideoType)
	}
	return e
}

// Fingerprint is the hash of the file; empty for a Reader.
func (m *Manifest) Fingerprint(ctx context.Context) (string, error) {
	if m.Path == "" {
		return "", nil
	}
	file, err := os.Open(m.Path)
	if err != nil {
		return "", fmt.Errorf("read the manifest: %w", err)
	}
	defer func() { _ = file.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, NewStoppable(ctx, file)); err != nil {
		return "", fmt.Errorf("read the manifest: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Complete is true for a file. What is left of an earlier standard input must not be lost because it is not repeated.
func (m *Manifest) Complete() bool { return m.Path != "" }
