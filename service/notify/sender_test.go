package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/endpoint"
	"github.com/vod-reproduction/vod/webhook"
)

// TestSend lets a receiver verify events of every type and compares what it read with testdata.
func TestSend(t *testing.T) {
	t.Parallel()
	const asset = "f488337c31c8e4622f1590735b134c65"
	const at = "https://media.example.com/asset/" + asset
	meta := &webhook.MetaData{PackType: "MP4", Codec: "H.264", Duration: 131, VideoSize: 4942645, Width: 1280, Height: 720, BitRate: 301, FrameRate: 30}
	for name, e := range map[string]webhook.Event{
		"created": {Type: webhook.CreateComplete, Status: webhook.Succeeded, Title: `"Ünï" <&> \ 片`, URL: at + "/video.mp4", MetaData: meta},
		"create_failed": {Type: webhook.CreateComplete, Status: webhook.Failed, Title: "a", ErrorCode: "VOD.10003",
			ErrorMsg: "the source is gone"},
		"transcoded": {Type: webhook.TranscodeComplete, Status: webhook.Succeeded, TemplateGroupName: "standard", Outputs: []webhook.Output{
			{PlayType: "HLS", URL: at + "/index.m3u8", Encrypted: 1},
			{PlayType: "HLS", URL: at + "/720.m3u8", Encrypted: 1, Quality: "HD", MetaData: meta}}},
		"thumbnails": {Type: webhook.ThumbnailComplete, Status: webhook.Succeeded, Dots: []webhook.Snapshot{},
			Sample: []webhook.Snapshot{{Offset: 0, URL: at + "/0.jpg"}, {Offset: 12, URL: at + "/12.jpg"}}},
		"reviewed": {Type: webhook.ReviewComplete, Status: webhook.Succeeded, Suggestion: webhook.Block, Text: &webhook.TextReview{Suggestion: webhook.Pass},
			Video: []webhook.PictureReview{{Suggestion: webhook.Block, Offset: 12, URL: at + "/12.jpg", Politics: []webhook.ReviewLabel{},
				Terrorism: []webhook.ReviewLabel{{Confidence: "0.9984", Label: "gun"}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e.ID, e.AssetID = "0198b6d5-"+name, asset
			var sent atomic.Value
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				text, timestamp := message(t, r), r.Header.Get("auth_timestamp")
				if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json; charset=utf-8" || r.URL.RequestURI() != "/hook?a=b" {
					t.Errorf("%s %s, %v", r.Method, r.URL, r.Header)
				}
				if timestamp != "1768550400000" || !webhook.Verify(key, timestamp, r.Header.Get("auth_sign"), text) {
					t.Errorf("signed %q at %q", r.Header.Get("auth_sign"), timestamp)
				}
				sent.Store(text)
				w.WriteHeader(http.StatusNoContent)
			})
			if err := testSender(t, server.URL+"/hook?a=b", clock).Send(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			var indented bytes.Buffer
			if err := json.Indent(&indented, []byte(sent.Load().(string)), "", "  "); err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(filepath.Join("..", "..", "webhook", "testdata", name+".json"))
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
		messages[message(t, r)], signs[r.Header.Get("auth_sign")] = true, true
	})
	at := now
	s := testSender(t, server.URL, func() time.Time { return at })
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
	s := testSender(t, "http://127.0.0.1:1/", clock)
	for name, change := range map[string]func(*webhook.Event){
		"no ID":     func(e *webhook.Event) { e.ID = "" },
		"no asset":  func(e *webhook.Event) { e.AssetID = "" },
		"no status": func(e *webhook.Event) { e.Status = "" },
		"status":    func(e *webhook.Event) { e.Status = "succeed" },
		"no type":   func(e *webhook.Event) { e.Type = "" },
		"type":      func(e *webhook.Event) { e.Type = "coverComplete" },
	} {
		e := event()
		change(&e)
		fault, ok := errors.AsType[*endpoint.Error](s.Send(t.Context(), e))
		if !ok || fault.Temporary || fault.Status != 0 || !strings.Contains(fault.Reason, "cannot be sent") {
			t.Errorf("%s: %v", name, fault)
		}
	}
}

func TestBadSender(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ url, key, says string }{
		"no URL": {"", key, "webhook: the URL must"},
		"no key": {"https://a/", "", "webhook: the key is missing"},
	} {
		if s, err := newSender(endpoint.Config{URL: c.url}, c.key); s != nil || err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRefused reports what a receiver says that cannot take an event now.
func TestRefused(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	err := testSender(t, server.URL, clock).Send(t.Context(), event())
	want := endpoint.Error{Status: 429, Temporary: true, RetryAfter: 7 * time.Second, Reason: "the endpoint responded with 429"}
	if fault, ok := errors.AsType[*endpoint.Error](err); !ok || *fault != want || err.Error() != "webhook: "+want.Reason {
		t.Errorf("%v: %#v", err, fault)
	}
}

// TestSecrets looks for the key and the path of the URL wherever the sender or an error may be printed.
func TestSenderSecrets(t *testing.T) {
	t.Parallel()
	s := testSender(t, "https://127.0.0.1:1/canary-path?token=canary-token", clock)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v", s, s, s), s.Send(t.Context(), event()).Error()} {
		if !strings.Contains(text, "127.0.0.1:1") || strings.Contains(text, "canary") {
			t.Errorf("printed: %s", text)
		}
	}
}

// TestCanceled wants the cause of the caller's context.
func TestCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("the service stops")
	cancel(stopped)
	if err := testSender(t, "http://127.0.0.1:1/", clock).Send(ctx, event()); !errors.Is(err, stopped) {
		t.Errorf("canceled: %v", err)
	}
}

const key = "canary-key-5b1f"

var now = time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

// event is one that can be sent.
func event() webhook.Event {
	return webhook.Event{Type: webhook.CreateComplete, ID: "e1", AssetID: full.ID, Status: webhook.Succeeded}
}

// serve starts a receiver that lives as long as the test.
func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// testSender sends to address.
func testSender(t *testing.T, address string, now func() time.Time) *sender {
	t.Helper()
	s, err := newSender(endpoint.Config{URL: address, Now: now}, key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.CloseIdleConnections)
	return s
}

// message reads a notification as receivers do and returns its message.
func message(t *testing.T, r *http.Request) string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	var envelope map[string]string
	if err := json.Unmarshal(body, &envelope); err != nil || len(envelope) != 1 {
		t.Errorf("body %s: %v", body, err)
	}
	return envelope["message"]
}
