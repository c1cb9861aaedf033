package callback_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/callback"
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
			if err := sender(t, server.URL+"/hook?a=b", nil).Send(t.Context(), e); err != nil {
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
	s := sender(t, server.URL, func(c *callback.Config) { c.Now = func() time.Time { return at } })
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
	s := sender(t, "http://127.0.0.1:1/", nil)
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
	for name, change := range map[string]func(*callback.Config){
		"no URL": func(c *callback.Config) { c.URL = "" }, "no host": func(c *callback.Config) { c.URL = "https:///x" },
		"scheme": func(c *callback.Config) { c.URL = "ftp://a/" }, "no URL at all": func(c *callback.Config) { c.URL = "http://canary\x00" },
		"password": func(c *callback.Config) { c.URL = "https://u:canary@a/" }, "fragment": func(c *callback.Config) { c.URL = "https://a/#canary" },
		"no key": func(c *callback.Config) { c.Key = "" }, "timeout": func(c *callback.Config) { c.Timeout = -1 },
	} {
		c := callback.Config{URL: "https://a/", Key: key}
		change(&c)
		if s, err := callback.New(c); err == nil || s != nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSecrets looks for the key and the path of the URL wherever the configuration or an error may be printed.
func TestSecrets(t *testing.T) {
	t.Parallel()
	c := callback.Config{URL: "https://127.0.0.1:1/canary-path?token=canary-token", Key: key}
	s, err := callback.New(c)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("a", "config", c, "sender", s.String())
	for _, text := range []string{
		fmt.Sprint(c), fmt.Sprintf("%+v %#v", c, c), fmt.Sprintf("%v", s), log.String(), s.Send(t.Context(), event()).Error(),
	} {
		if text == "" || strings.Contains(text, "canary") {
			t.Errorf("printed: %s", text)
		}
	}
}

// TestTLS trusts nobody whom the system does not trust.
func TestTLS(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	t.Cleanup(server.Close)
	fault, ok := errors.AsType[*callback.Error](sender(t, server.URL, nil).Send(t.Context(), event()))
	if !ok || !fault.Temporary || !strings.Contains(fault.Error(), "certificate") || calls.Load() != 0 {
		t.Errorf("unknown certificate: %v, %d calls", fault, calls.Load())
	}
	trusting := sender(t, server.URL, func(c *callback.Config) { c.Transport = server.Client().Transport })
	if err := trusting.Send(t.Context(), event()); err != nil || calls.Load() != 1 {
		t.Errorf("trusted certificate: %v, %d calls", err, calls.Load())
	}
}

// TestCanceled tells the end of the caller's context from a receiver that is slow.
func TestCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("the service stops")
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) { cancel(stopped); hang(r) })
	err := sender(t, server.URL, nil).Send(ctx, event())
	if _, ok := errors.AsType[*callback.Error](err); ok || !errors.Is(err, stopped) {
		t.Errorf("canceled: %v", err)
	}
}
