package callback_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/callback"
	"github.com/vod-reproduction/vod/service/endpoint"
)

// TestSend lets a receiver verify events of every type and compares what it read with testdata.
func TestSend(t *testing.T) {
	t.Parallel()
	const asset = "f488337c31c8e4622f1590735b134c65"
	const at = "https://media.example.com/asset/" + asset
	meta := &callback.MetaData{PackType: "MP4", Codec: "H.264", Duration: 131, VideoSize: 4942645, Width: 1280, Height: 720, BitRate: 301, FrameRate: 30}
	for name, e := range map[string]callback.Event{
		"created": {Type: callback.CreateComplete, Status: callback.Succeeded, Title: `"Ünï" <&> \ 片`, URL: at + "/video.mp4", MetaData: meta},
		"create_failed": {Type: callback.CreateComplete, Status: callback.Failed, Title: "a", ErrorCode: "VOD.10003",
			ErrorMsg: "the source is gone"},
		"transcoded": {Type: callback.TranscodeComplete, Status: callback.Succeeded, TemplateGroupName: "standard", Outputs: []callback.Output{
			{PlayType: "HLS", URL: at + "/index.m3u8", Encrypted: 1},
			{PlayType: "HLS", URL: at + "/720.m3u8", Encrypted: 1, Quality: "HD", MetaData: meta}}},
		"thumbnails": {Type: callback.ThumbnailComplete, Status: callback.Succeeded, Dots: []callback.Snapshot{},
			Sample: []callback.Snapshot{{Offset: 0, URL: at + "/0.jpg"}, {Offset: 12, URL: at + "/12.jpg"}}},
		"reviewed": {Type: callback.ReviewComplete, Status: callback.Succeeded, Suggestion: callback.Block, Text: &callback.TextReview{Suggestion: callback.Pass},
			Video: []callback.PictureReview{{Suggestion: callback.Block, Offset: 12, URL: at + "/12.jpg", Politics: []callback.ReviewLabel{},
				Terrorism: []callback.ReviewLabel{{Confidence: "0.9984", Label: "gun"}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e.ID, e.AssetID = "0198b6d5-"+name, asset
			var message atomic.Value
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				text, timestamp := open(t, r), r.Header.Get("auth_timestamp")
				if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json; charset=utf-8" || r.URL.RequestURI() != "/hook?a=b" {
					t.Errorf("%s %s, %v", r.Method, r.URL, r.Header)
				}
				if timestamp != "1768550400000" || !callback.Verify(key, timestamp, r.Header.Get("auth_sign"), text) {
					t.Errorf("signed %q at %q", r.Header.Get("auth_sign"), timestamp)
				}
				message.Store(text)
				w.WriteHeader(http.StatusNoContent)
			})
			if err := sender(t, server.URL+"/hook?a=b", clock).Send(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			var indented bytes.Buffer
			if err := json.Indent(&indented, []byte(message.Load().(string)), "", "  "); err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(filepath.Join("testdata", name+".json"))
			if err != nil || indented.String()+"\n" != string(want) {
				t.Errorf("got %s\n%v", indented.String(), err)
			}
		})
	}
}

// TestTwice sends an event again: the ID stays, the time and the signature do not.
func TestTwice(t *testing.T) {
	t.Parallel()
	messages, signs := map[string]bool{}, map[string]bool{}
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		messages[open(t, r)], signs[r.Header.Get("auth_sign")] = true, true
	})
	at := now
	s := sender(t, server.URL, func() time.Time { return at })
	for range 2 {
		if err := s.Send(t.Context(), event()); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Minute)
	}
	if len(messages) != 1 || len(signs) != 2 {
		t.Errorf("messages %v, signatures %v", messages, signs)
	}
}

func TestBadEvents(t *testing.T) {
	t.Parallel()
	s := sender(t, "http://127.0.0.1:1/", clock)
	for name, change := range map[string]func(*callback.Event){
		"no ID":     func(e *callback.Event) { e.ID = "" },
		"no asset":  func(e *callback.Event) { e.AssetID = "" },
		"no status": func(e *callback.Event) { e.Status = "" },
		"status":    func(e *callback.Event) { e.Status = "succeed" },
		"no type":   func(e *callback.Event) { e.Type = "" },
		"type":      func(e *callback.Event) { e.Type = "coverComplete" },
	} {
		e := event()
		change(&e)
		fault, ok := errors.AsType[*callback.Error](s.Send(t.Context(), e))
		if !ok || fault.Temporary || fault.Status != 0 || !strings.Contains(fault.Reason, "cannot be sent") {
			t.Errorf("%s: %v", name, fault)
		}
	}
}

func TestBadConfig(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ url, key, says string }{
		"no URL": {"", key, "callback: the URL must"},
		"no key": {"https://a/", "", "callback: the key is missing"},
	} {
		if s, err := callback.New(endpoint.Config{URL: c.url}, c.key); s != nil || err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRefused gives what a receiver says that cannot take an event now.
func TestRefused(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	err := sender(t, server.URL, clock).Send(t.Context(), event())
	want := callback.Error{Status: 429, Temporary: true, RetryAfter: 7 * time.Second, Reason: "the endpoint answered 429"}
	if fault, ok := errors.AsType[*callback.Error](err); !ok || *fault != want || err.Error() != "callback: "+want.Reason {
		t.Errorf("%v: %#v", err, fault)
	}
}

// TestSecrets looks for the key and the path of the URL wherever the sender or an error may be printed.
func TestSecrets(t *testing.T) {
	t.Parallel()
	s := sender(t, "https://127.0.0.1:1/canary-path?token=canary-token", clock)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v", s, s, s), s.Send(t.Context(), event()).Error()} {
		if !strings.Contains(text, "127.0.0.1:1") || strings.Contains(text, "canary") {
			t.Errorf("printed: %s", text)
		}
	}
}

// TestCanceled gives the caller's cause.
func TestCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("the service stops")
	cancel(stopped)
	if err := sender(t, "http://127.0.0.1:1/", clock).Send(ctx, event()); !errors.Is(err, stopped) {
		t.Errorf("canceled: %v", err)
	}
}
