package client

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/vod-reproduction/vod/contract"
)

const (
	// maxResponseBytes bounds what is read of one response. A full page of 100 assets is a tenth of it.
	maxResponseBytes = 1 << 20
	// maxExcerpt and maxMessage bound what an error repeats of a response, in bytes.
	maxExcerpt = 512
	maxMessage = 2048
	maxWait    = 24 * time.Hour
)

// response is one response, read to its end.
type response struct {
	op        string
	status    int
	header    http.Header
	body      []byte
	truncated bool          // the body went on behind maxResponseBytes
	broken    error         // why the body could not be read to its end
	received  time.Time     // by our clock
	flying    time.Duration // from sending to receiving
	flight    flight        // knows the credentials that went with the request
}

var errLonger = errors.New("it is longer than its Content-Length")

// read takes in the response, which it does not close.
func (a *response) read(resp *http.Response) {
	a.status, a.header = resp.StatusCode, resp.Header
	if length := resp.ContentLength; 0 < length && length <= maxResponseBytes {
		a.body = make([]byte, length+1) // one more, to see the end
		n, err := io.ReadFull(resp.Body, a.body)
		if a.body = a.body[:n]; int64(n) != length {
			a.broken = cmp.Or(err, errLonger)
		}
		return
	}
	a.body, a.broken = io.ReadAll(io.LimitReader(resp.Body, maxResponseBytes+1))
	if len(a.body) > maxResponseBytes {
		a.body, a.truncated = a.body[:maxResponseBytes], true
	}
}

// object checks that the response is one strict JSON object: complete, of the right type, no name specified twice, nothing
// behind it. It returns what is wrong, or nil.
func (a *response) object() error { return a.one('{', "object") }

// one checks that the response is one strict JSON value of a kind. It returns what is wrong, or nil.
func (a *response) one(kind jsontext.Kind, noun string) error {
	if a.truncated {
		return fmt.Errorf("it is larger than %d bytes", maxResponseBytes)
	}
	if content := a.header.Get("Content-Type"); content != mediaType {
		if media, _, err := mime.ParseMediaType(content); err != nil || media != mediaType {
			return fmt.Errorf("its Content-Type is %q and not application/json", content)
		}
	}
	return a.tokens(func(dec *jsontext.Decoder) error {
		value, err := dec.ReadValue()
		if err != nil {
			return fmt.Errorf("it is not strict JSON: %w", err)
		}
		if value.Kind() != kind {
			return errors.New("it is not a JSON " + noun)
		}
		if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
			return errors.New("something follows the JSON " + noun)
		}
		return nil
	})
}

// tokenizer is a decoder with what it reads from, to be used again.
type tokenizer struct {
	source bytes.Buffer
	dec    *jsontext.Decoder
}

var tokenizers = sync.Pool{New: func() any {
	var t tokenizer
	t.dec = jsontext.NewDecoder(&t.source)
	return &t
}}

// tokens lets read go through the body.
func (a *response) tokens(read func(*jsontext.Decoder) error) error {
	t := tokenizers.Get().(*tokenizer)
	defer tokenizers.Put(t)
	t.source = *bytes.NewBuffer(a.body)
	t.dec.Reset(&t.source)
	err := read(t.dec)
	t.source = bytes.Buffer{} // lets go of the body
	t.dec.Reset(&t.source)
	return err
}

// into decodes the object. Fields of another type than in the contract are left out, so that one odd value
// deep inside does not hide the rest; callers check what they cannot do without.
func (a *response) into(v any) error {
	if err := a.object(); err != nil {
		return err
	}
	return a.decode(v)
}

func (a *response) decode(v any) error {
	var odd *json.UnmarshalTypeError
	if err := json.Unmarshal(a.body, v); err != nil && !errors.As(err, &odd) {
		return fmt.Errorf("it cannot be decoded: %w", err)
	}
	return nil
}

// field returns one string of the object by its exact name.
func (a *response) field(name string) (string, error) {
	if err := a.object(); err != nil {
		return "", err
	}
	value, found := "", false
	err := a.tokens(func(dec *jsontext.Decoder) error {
		_, err := dec.ReadToken() // the brace
		for err == nil && dec.PeekKind() == '"' {
			var key jsontext.Token
			if key, err = dec.ReadToken(); err != nil {
				break
			}
			wanted := key.String() == name
			var raw jsontext.Value
			if raw, err = dec.ReadValue(); err != nil || !wanted {
				continue
			}
			if raw.Kind() != '"' {
				return fmt.Errorf("its %s is not a string", name)
			}
			found = true
			if value = string(raw[1 : len(raw)-1]); strings.Contains(value, `\`) {
				var unquoted []byte
				unquoted, err = jsontext.AppendUnquote(nil, raw)
				value = string(unquoted)
			}
			return err
		}
		return err
	})
	switch {
	case err != nil:
		return "", err
	case !found:
		return "", fmt.Errorf("it has no %s", name)
	}
	return value, nil
}

// unexpected wraps what is wrong with the response.
func (a *response) unexpected(reason error) *ResponseError {
	return &ResponseError{
		Op: a.op, Status: a.status, Reason: a.clean(reason.Error(), 300), RequestID: a.requestID(""),
		Body: a.clean(string(a.body), maxExcerpt),
	}
}

// refusal reads an error response of any of the shapes that service, gateway and IAM use.
func (a *response) refusal() *APIError {
	e := &APIError{Op: a.op, Status: a.status}
	var fields map[string]any
	dec := json.NewDecoder(bytes.NewReader(a.body))
	dec.UseNumber()
	if dec.Decode(&fields) == nil {
		if inner, ok := fields["error"].(map[string]any); ok {
			fields = inner
		}
		e.Code = contract.Code(a.clean(text(fields, "error_code", "code"), 64))
		e.Message = a.clean(text(fields, "error_msg", "message", "msg"), maxMessage)
	}
	e.RequestID = a.requestID(text(fields, "request_id"))
	if e.Code == "" || e.Message == "" {
		e.Body = a.clean(string(a.body), maxExcerpt)
	}
	if e.Message == "" {
		e.Message = statusName(a.status)
	}
	if location := a.header.Get("Location"); a.status < 400 && location != "" {
		e.Message += ", redirected to " + a.clean(withoutQuery(location), 200) + ", which is not followed"
	}
	e.RetryAfter, e.HasRetryAfter = a.retryAfter()
	if date, err := http.ParseTime(a.header.Get("Date")); err == nil && a.status == http.StatusUnauthorized {
		e.Skew = date.Sub(a.received.Add(-a.flying / 2)).Round(time.Second)
	}
	return e
}

// text returns the first of the named fields that holds a string or a number.
func text(fields map[string]any, names ...string) string {
	for _, name := range names {
		switch v := fields[name].(type) {
		case string:
			if v != "" {
				return v
			}
		case json.Number:
			return v.String()
		}
	}
	return ""
}

// retryAfter reads the header as seconds or as a date, which is taken against the server's own clock if it has a Date.
func (a *response) retryAfter() (time.Duration, bool) {
	value := strings.TrimSpace(a.header.Get("Retry-After"))
	if value == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(maxWait/time.Second))) * time.Second, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	now := a.received
	if date, err := http.ParseTime(a.header.Get("Date")); err == nil {
		now = date
	}
	return min(max(at.Sub(now), 0), maxWait), true
}

func (a *response) requestID(body string) string {
	if id := a.header.Get("X-Request-Id"); id != "" {
		body = id
	}
	return a.clean(body, 128)
}

// clean makes the server's text fit for an error: without the credentials that it may have sent back (in a canonical
// request, for instance), on one line, at most limit bytes and a mark.
func (a *response) clean(s string, limit int) string {
	for _, secret := range a.flight.hidden() {
		s = strings.ReplaceAll(s, secret, "[redacted]")
	}
	cut := len(s) > limit
	if cut {
		s = s[:limit]
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
	s = strings.TrimSpace(s)
	if cut {
		s += "…"
	}
	return s
}

func withoutQuery(location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return "an invalid URL"
	}
	u.RawQuery, u.ForceQuery, u.Fragment, u.User = "", false, "", nil
	return u.String()
}
