package moderation_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/vod-reproduction/vod/service/endpoint"
	"github.com/vod-reproduction/vod/service/moderation"
)

// TestOverall lets the gravest suggestion decide, wherever it stands.
func TestOverall(t *testing.T) {
	t.Parallel()
	gravity := map[moderation.Suggestion]int{moderation.Pass: 0, moderation.Review: 1, moderation.Block: 2}
	for text, a := range gravity {
		for first, b := range gravity {
			for second, c := range gravity {
				server := serve(t, say(response(string(text), string(first), string(second))))
				got, err := client(t, endpoint.Config{URL: server.URL}).Review(t.Context(), request())
				if err != nil || gravity[got.Suggestion] != max(a, b, c) || got.Text.Suggestion != text || got.Frames[0].Suggestion != first || got.Frames[1].Suggestion != second {
					t.Errorf("%s, %s, %s: %+v, %v", text, first, second, got, err)
				}
			}
		}
	}
}

// TestUnusable makes no verdict of a response that is not one. Its errors say where, and repeat nothing.
func TestUnusable(t *testing.T) {
	t.Parallel()
	pass := response("pass", "pass", "pass")
	with := func(old, substitute string) string {
		if !strings.Contains(pass, old) {
			t.Fatalf("%q is not in the response", old)
		}
		return strings.Replace(pass, old, substitute, 1)
	}
	labels := func(list string) string {
		return with(`"offset_ms": 12500,`, `"offset_ms": 12500, "porn": `+list+`,`)
	}
	for name, c := range map[string]struct{ response, says string }{
		"nothing":            {"", "not JSON"},
		"HTML":               {"<html>canary</html>", "not JSON at byte 0"},
		"half":               {pass[:60], "not JSON"},
		"two":                {pass + pass, "not JSON at byte"},
		"no UTF-8":           {with(`{"suggestion"`, `{"porn": "canary`+"\xff"+`", "suggestion"`), "not JSON at byte"},
		"null":               {"null", "text is missing"},
		"list":               {"[]", `wrong type at "/"`},
		"other things":       {`{"canary": true}`, "text is missing"},
		"no text":            {`{"frames": []}`, "text is missing"},
		"no frames":          {`{"text": {"suggestion": "pass"}}`, "0 frames of 2"},
		"three frames":       {with(`"frames": [`, `"frames": [{"offset_ms": 0, "suggestion": "pass"}, `), "3 frames of 2"},
		"other order":        {strings.NewReplacer(": 0,", ": 12500,", ": 12500,", ": 0,").Replace(pass), "frames[0].offset_ms is not 0"},
		"no offset":          {with(`"offset_ms": 12500, `, ""), "frames[1].offset_ms is not 12500"},
		"half a millisecond": {with(`12500`, `12500.5`), `wrong type at "/frames/1/offset_ms"`},
		"unknown suggestion": {response("pass", "canary", "pass"), "frames[0].suggestion must be block, review or pass"},
		"capitals":           {response("PASS", "pass", "pass"), "text.suggestion must be"},
		"no suggestion":      {response("pass", "pass", ""), "frames[1].suggestion must be"},
		"null suggestion":    {with(`"suggestion": "pass"`, `"suggestion": null`), "text.suggestion must be"},
		"number":             {with(`"suggestion": "pass"`, `"suggestion": 1`), `wrong type at "/text/suggestion"`},
		"capital name":       {with(`"suggestion"`, `"Suggestion"`), "text.suggestion must be"},
		"block and pass":     {with(`"suggestion": "pass"`, `"suggestion": "block", "suggestion": "pass"`), "more than once"},
		"text twice":         {with(`{"text"`, `{"text": {"suggestion": "block"}, "text"`), "more than once"},
		"escape sequence":    {with(`"suggestion"`, `"porn": "canary\u001b[31m", "suggestion"`), "text.porn is longer"},
		"long text":          {with(`"suggestion"`, `"abuse": "`+strings.Repeat("canary", 200)+`", "suggestion"`), "text.abuse is longer"},
		"no confidence":      {labels(`[{"label": "canary"}]`), "frames[1].porn[0].confidence must be"},
		"in percent":         {labels(`[{"confidence": 0.5}, {"confidence": 99.8}]`), "frames[1].porn[1].confidence must be"},
		"negative":           {labels(`[{"confidence": -0.1}]`), "confidence must be"},
		"negative nothing":   {labels(`[{"confidence": -0.0}]`), "confidence must be"},
		"without end":        {labels(`[{"confidence": 1e999}]`), `wrong type at "/frames/1/porn/0/confidence"`},
		"confidence in text": {labels(`[{"confidence": "canary"}]`), `wrong type at "/frames/1/porn/0/confidence"`},
		"long label":         {labels(`[{"confidence": 1, "label": "` + strings.Repeat("x", 1025) + `"}]`), "porn[0].label is longer"},
		"many labels":        {labels("[" + strings.Repeat(`{"confidence": 1},`, 100) + `{"confidence": 1}]`), "frames[1].porn has more than 100"},
		"deep":               {strings.Repeat(`{"canary":`, 100_000), "not JSON at byte"},
		"huge":               {pass + strings.Repeat(" ", 4<<20), "larger than 4194304 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, say(c.response))
			got, err := client(t, endpoint.Config{URL: server.URL}).Review(t.Context(), request())
			fault, ok := errors.AsType[*moderation.Error](err)
			if !ok || fault.Temporary || got.Suggestion != "" || !strings.Contains(err.Error(), c.says) || !silent(err.Error()) {
				t.Errorf("%+v, %v; want %q", got, err, c.says)
			}
		})
	}
}

// TestLargest takes a response at every limit.
func TestLargest(t *testing.T) {
	t.Parallel()
	full := strings.Repeat("片", 341) + "x"
	list := "[" + strings.Repeat(`{"confidence": 1e-5, "label": "`+full+`"},`, 99) + `{"confidence": 0, "label": ""}]`
	text := fmt.Sprintf(`{"text": {"suggestion": "pass", "porn": %q}, "frames": [{"offset_ms": 0, "suggestion": "pass"}, {"offset_ms": 12500, "suggestion": "pass", "porn": %s}]}`, full, list)
	server := serve(t, say(text+strings.Repeat("\n", 4<<20-len(text))))
	got, err := client(t, endpoint.Config{URL: server.URL}).Review(t.Context(), request())
	if err != nil || got.Text.Porn != full || len(got.Frames[1].Porn) != 100 || got.Frames[1].Porn[98] != (moderation.Label{Confidence: 1e-5, Label: full}) {
		t.Errorf("%v", err)
	}
}

// TestFailures separates the failures that are worth another try from those that are not, of endpoints that repeat the token
// and the URL wherever they can.
func TestFailures(t *testing.T) {
	t.Parallel()
	var elsewhere string
	other := serve(t, func(http.ResponseWriter, *http.Request) { elsewhere = "was asked" })
	status := func(code int, after string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", after)
			w.WriteHeader(code)
			_, _ = io.WriteString(w, r.RequestURI+r.Header.Get("Authorization"))
		}
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    moderation.Error
		timeout time.Duration
	}{
		"no token":     {status(401, ""), moderation.Error{Status: 401, Reason: "check the secret"}, 0},
		"no such path": {status(404, ""), moderation.Error{Status: 404, Reason: "check the path"}, 0},
		"too large":    {status(413, "7"), moderation.Error{Status: 413, Reason: "responded with 413"}, 0},
		"too many":     {status(429, "7"), moderation.Error{Status: 429, Temporary: true, RetryAfter: 7 * time.Second, Reason: "responded with 429"}, 0},
		"broken":       {status(500, ""), moderation.Error{Status: 500, Temporary: true, Reason: "responded with 500"}, 0},
		"overloaded":   {status(503, "3600"), moderation.Error{Status: 503, Temporary: true, RetryAfter: time.Hour, Reason: "responded with 503"}, 0},
		"moved": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		}, moderation.Error{Status: 307, Reason: "redirect, which is not followed"}, 0},
		"moved to GET": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusSeeOther) }, moderation.Error{Status: 303, Reason: "redirect, which is not followed"}, 0},
		"hung up":      {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, moderation.Error{Temporary: true, Reason: "did not respond"}, 0},
		"half": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			_, _ = io.WriteString(w, "1234")
		}, moderation.Error{Temporary: true, Reason: "was truncated after 4 bytes"}, 0},
		"silent":        {func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() }, moderation.Error{Temporary: true, Reason: "did not respond"}, time.Millisecond},
		"nothing, 204":  {status(204, ""), moderation.Error{Reason: "the response cannot be used"}, 0},
		"accepted, 202": {status(202, ""), moderation.Error{Reason: "the response cannot be used"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, c.handler)
			_, err := client(t, endpoint.Config{URL: server.URL + "/canary-path", Timeout: c.timeout}).Review(t.Context(), request())
			fault, ok := errors.AsType[*moderation.Error](err)
			if !ok || fault.Status != c.want.Status || fault.Temporary != c.want.Temporary || fault.RetryAfter != c.want.RetryAfter ||
				!strings.Contains(fault.Reason, c.want.Reason) || !silent(err.Error()) {
				t.Errorf("%v: %#v, want %#v", err, fault, c.want)
			}
		})
	}
	t.Cleanup(func() {
		if elsewhere != "" {
			t.Error("another host " + elsewhere)
		}
	})
}

// roundTrip is a transport of a test's own making.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// FuzzResponse makes a verdict of a complete response only.
func FuzzResponse(f *testing.F) {
	f.Add([]byte(response("pass", "review", "block")))
	f.Add([]byte(`{"text":{"suggestion":"pass","abuse":"x"},"frames":[{"offset_ms":0,"suggestion":"pass","porn":[{"confidence":0.5,"label":"a"}]},{"offset_ms":12500,"suggestion":"pass"}]}`))
	f.Add([]byte(`{"text":{},"text":null,"frames":[{"offset_ms":-0,"politics":[{"confidence":1e-400}]}]}`))
	f.Add([]byte("{\"text\":\"\xff\\u0000\"}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		c := client(t, endpoint.Config{URL: "http://endpoint.example", Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(string(body))), Request: r}, nil
		})})
		asked := request()
		got, err := c.Review(t.Context(), asked)
		if err != nil {
			fault, ok := errors.AsType[*moderation.Error](err)
			if !ok || fault.Temporary || got.Suggestion != "" || len(err.Error()) > 300 || strings.ContainsFunc(err.Error(), unicode.IsControl) || !utf8.ValidString(err.Error()) {
				t.Errorf("%q: %+v, error %q", body, got, err)
			}
			return
		}
		gravest := moderation.Pass
		judge := func(s moderation.Suggestion, texts ...string) {
			if s != moderation.Pass && s != moderation.Review && s != moderation.Block {
				t.Errorf("%q: suggestion %q", body, s)
			}
			if s == moderation.Block || (s == moderation.Review && gravest == moderation.Pass) {
				gravest = s
			}
			for _, text := range texts {
				if len(text) > 1024 || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
					t.Errorf("%q: text %q", body, text)
				}
			}
		}
		judge(got.Text.Suggestion, got.Text.Politics, got.Text.Porn, got.Text.Abuse)
		for i, frame := range got.Frames {
			judge(frame.Suggestion)
			if frame.Offset != asked.Frames[i].Offset {
				t.Errorf("%q: frame %d at %v", body, i, frame.Offset)
			}
			for _, list := range [][]moderation.Label{frame.Politics, frame.Terrorism, frame.Porn} {
				for _, l := range list {
					judge(frame.Suggestion, l.Label)
					if !(l.Confidence >= 0 && l.Confidence <= 1) || len(list) > 100 {
						t.Errorf("%q: %d labels, %+v", body, len(list), l)
					}
				}
			}
		}
		if len(got.Frames) != len(asked.Frames) || got.Suggestion != gravest {
			t.Errorf("%q: %d frames, %s in all of %s", body, len(got.Frames), got.Suggestion, gravest)
		}
	})
}
