package moderation_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vod-reproduction/vod/service/endpoint"
	"github.com/vod-reproduction/vod/service/moderation"
)

// TestReview lets an endpoint read the form part by part, and compares its JSON with testdata.
func TestReview(t *testing.T) {
	t.Parallel()
	asked := request()
	asked.TemplateID, asked.Title, asked.Description, asked.Tags = "strict", "\"Ünï\" <&> \\\n 片", "--\r\n--", []string{"a", "b"}
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.RequestURI != "/review?a=b" || r.Header.Get("Authorization") != "Bearer "+token || r.ContentLength < 0 {
			t.Errorf("%s %s, %d bytes, %v", r.Method, r.RequestURI, r.ContentLength, r.Header)
		}
		form, err := r.MultipartReader()
		if err != nil {
			t.Error(err)
			return
		}
		next := func(name, file, kind string) []byte {
			part, err := form.NextPart()
			if err != nil {
				t.Errorf("%s %s: %v", name, file, err)
				return nil
			}
			if part.FormName() != name || part.FileName() != file || part.Header.Get("Content-Type") != kind {
				t.Errorf("part %v, want %s %s", part.Header, name, file)
			}
			content, err := io.ReadAll(part)
			if err != nil {
				t.Error(err)
			}
			return content
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, next("request", "", "application/json"), "", "  "); err != nil {
			t.Error(err)
		}
		want, err := os.ReadFile("testdata/request.json")
		if err != nil || indented.String()+"\n" != string(want) {
			t.Errorf("asked %s\n%v", indented.String(), err)
		}
		for i, f := range asked.Frames {
			if got := next("frame", fmt.Sprintf("%d.jpg", i), "image/jpeg"); !bytes.Equal(got, f.JPEG) {
				t.Errorf("frame %d has other %d bytes", i, len(got))
			}
		}
		if _, err := form.NextPart(); !errors.Is(err, io.EOF) {
			t.Errorf("behind the last frame: %v", err)
		}
		http.ServeFile(w, r, "testdata/response.json")
	})
	got, err := client(t, endpoint.Config{URL: server.URL + "/review?a=b"}).Review(t.Context(), asked)
	if err != nil {
		t.Fatal(err)
	}
	want := moderation.Verdict{
		Suggestion: moderation.Block,
		Text:       moderation.TextVerdict{Suggestion: moderation.Review, Abuse: "片, Ünï"},
		Frames: []moderation.FrameVerdict{
			{Suggestion: moderation.Pass, Politics: []moderation.Label{}, Terrorism: []moderation.Label{}, Porn: []moderation.Label{}},
			{Offset: 12_500 * time.Millisecond, Suggestion: moderation.Block, Politics: []moderation.Label{{Confidence: 0}},
				Terrorism: []moderation.Label{{Confidence: 0.9984, Label: "gun"}, {Confidence: 1, Label: "flag"}}, Porn: []moderation.Label{}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTextAlone reviews an asset without a picture, by an endpoint that wants no token.
func TestTextAlone(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if _, sent := r.Header["Authorization"]; sent {
			t.Error("a token was sent")
		}
		asked := r.FormValue("request")
		if want := `{"asset_id":"a","template_id":"","title":"t","description":"","tags":[],"frames":[]}`; asked != want {
			t.Errorf("asked %s", asked)
		}
		_, _ = io.WriteString(w, `{"text": {"suggestion": "review"}}`)
	})
	m, err := moderation.New(endpoint.Config{URL: server.URL}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer m.CloseIdleConnections()
	if got, err := m.Review(t.Context(), moderation.Request{AssetID: "a", Title: "t"}); err != nil || got.Suggestion != moderation.Review {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestBadRequests sends nothing of an asset that cannot be reviewed.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	m := client(t, endpoint.Config{URL: "http://127.0.0.1:1/"})
	large := append(picture(0), make([]byte, moderation.MaxFrameSize)...)
	for name, c := range map[string]struct {
		change func(*moderation.Request)
		says   string
	}{
		"no ID":           {func(r *moderation.Request) { r.AssetID = "" }, "no ID"},
		"no title":        {func(r *moderation.Request) { r.Title = "" }, "no title"},
		"before start":    {func(r *moderation.Request) { r.Frames[1].Offset = -1 }, "frame 1 lies before"},
		"no picture":      {func(r *moderation.Request) { r.Frames[0].JPEG = nil }, "frame 0 is no JPEG"},
		"other picture":   {func(r *moderation.Request) { r.Frames[1].JPEG = []byte("\x89PNG\r\n") }, "frame 1 is no JPEG"},
		"large picture":   {func(r *moderation.Request) { r.Frames[1].JPEG = large }, "frame 1 is too large"},
		"many pictures":   {func(r *moderation.Request) { r.Frames = make([]moderation.Frame, moderation.MaxFrames+1) }, "1001 frames"},
		"large, together": {func(r *moderation.Request) { r.Frames = together(large[:moderation.MaxFrameSize], 17) }, "frame 16 is too large"},
	} {
		asked := request()
		c.change(&asked)
		_, err := m.Review(t.Context(), asked)
		if fault, ok := errors.AsType[*moderation.Error](err); !ok || fault.Temporary || !strings.Contains(err.Error(), "cannot be reviewed: ") || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func together(picture []byte, n int) []moderation.Frame {
	frames := make([]moderation.Frame, n)
	for i := range frames {
		frames[i].JPEG = picture
	}
	return frames
}

func TestBadConfig(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ url, token, says string }{
		"no URL":          {"", token, "moderation: the URL must"},
		"blank in token":  {"https://a/", "canary b", "moderation: the token must"},
		"line in token":   {"https://a/", "canary\r\nHost: evil", "moderation: the token must"},
		"letter in token": {"https://a/", "canaryé", "moderation: the token must"},
	} {
		m, err := moderation.New(endpoint.Config{URL: c.url}, c.token)
		if m != nil || err == nil || !strings.Contains(err.Error(), c.says) || !silent(err.Error()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSecrets looks for the token and the path of the URL wherever the client may be printed.
func TestSecrets(t *testing.T) {
	t.Parallel()
	m := client(t, endpoint.Config{URL: "https://127.0.0.1:1/canary-path?token=canary"})
	if text := fmt.Sprintf("%v %+v %#v", m, m, m); !silent(text) || !strings.Contains(text, "moderation by https://127.0.0.1:1") {
		t.Errorf("printed: %s", text)
	}
}

// TestCanceled wants the cause of the caller's context.
func TestCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("the service stops")
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		cancel(stopped)
		<-r.Context().Done()
	})
	_, err := client(t, endpoint.Config{URL: server.URL}).Review(ctx, request())
	if _, ok := errors.AsType[*moderation.Error](err); ok || !errors.Is(err, stopped) {
		t.Errorf("canceled: %v", err)
	}
}
