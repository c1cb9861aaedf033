package notify

import (
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var update = flag.Bool("update", false, "write the golden files anew")

// full is an asset with everything.
var full = asset.Asset{
	ID: "f488337c31c8e4622f1590735b134c65", ProjectID: "p1", Title: "Holiday", State: asset.Published,
	Source: asset.Location{Key: "in/holiday.mp4"},
	Plan:   asset.Plan{Transcode: &asset.Transcode{Group: "hd", Format: asset.FormatHLS, Encrypt: true}},
	Results: asset.Results{
		Probe: &asset.MediaInfo{Container: "MP4", Duration: 9500 * time.Millisecond, Size: 1000, BitRate: 842_000, VideoCodec: "H.264",
			Width: 640, Height: 480, FrameRate: 29.97, AudioCodec: "AAC"},
		Thumbnail: &asset.Snapshots{Type: asset.ThumbnailDots, List: []asset.Snapshot{{Offset: 2 * time.Second, File: "snapshots/00001.jpg"}}},
		Transcode: &asset.Transcoded{Outputs: []asset.Output{
			{File: "output/master.m3u8"}, {Name: "480p", File: "output/480p/index.m3u8", Info: asset.MediaInfo{Container: "TS", Height: 480}},
		}},
		Review: &asset.Verdict{Suggestion: asset.Doubt, Text: asset.ReviewedText{Suggestion: asset.Doubt, Abuse: "a word"}, Pictures: []asset.ReviewedPicture{
			{Snapshot: asset.Snapshot{Offset: 2 * time.Second, File: "review/00001.jpg"}, Suggestion: asset.Pass, Cover: true},
			{Snapshot: asset.Snapshot{Offset: 4 * time.Second, File: "review/00002.jpg"}, Suggestion: asset.Pass, Porn: []asset.Label{{Label: "skin", Confidence: 0.25}}},
		}},
	},
}

// Each event says what the cloud's own would.
func TestEvents(t *testing.T) {
	t.Parallel()
	failed := full
	failed.Results, failed.ErrorCode, failed.Reason = asset.Results{}, "VOD.10063", "It is no MP4."
	for name, c := range map[string]struct {
		event asset.Event
		asset asset.Asset
	}{
		"created": {asset.Event{Type: asset.EventCreated, Succeeded: true}, full},
		"clear": {asset.Event{Type: asset.EventCreated, Succeeded: true}, asset.Asset{ID: full.ID, ProjectID: "p1", Title: "Holiday",
			State: asset.Published, Source: full.Source, Results: asset.Results{Probe: full.Results.Probe}}},
		"transcoded":  {asset.Event{Type: asset.EventTranscoded, Succeeded: true}, full},
		"snapshots":   {asset.Event{Type: asset.EventThumbnails, Succeeded: true}, full},
		"reviewed":    {asset.Event{Type: asset.EventReviewed, Succeeded: true}, full},
		"failed":      {asset.Event{Type: asset.EventCreated}, failed},
		"untranscode": {asset.Event{Type: asset.EventTranscoded}, failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []byte
			receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				var body struct{ Message string }
				var message any
				if err := json.NewDecoder(r.Body).Decode(&body); err != nil || json.Unmarshal([]byte(body.Message), &message) != nil {
					t.Error("the event cannot be read")
				}
				got, _ = json.MarshalIndent(message, "", "  ")
			}))
			defer receiver.Close()
			n := notifier(t, receiver.URL)
			defer n.CloseIdleConnections()
			c.event.ID = "0123456789abcdef0123456789abcdef"
			if err := n.Notify(t.Context(), c.event, c.asset); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(golden, append(got, '\n'), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(strings.TrimSpace(string(want)), string(got)); d != "" {
				t.Errorf("message (-want +got):\n%s", d)
			}
		})
	}
}

// projects are one without and one with a callback.
func projects(url string) []config.Project {
	return []config.Project{{ID: "p0"}, {ID: "p1", Callback: &config.Callback{
		URL: config.Secret(url), Key: "k", Events: []asset.EventType{asset.EventCreated},
	}}}
}

func notifier(t *testing.T, url string) *Notifier {
	t.Helper()
	n, err := New(projects(url), func(a asset.Asset, name string) string { return "https://vod.example.com/media/" + a.ID + "/" + name })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Only what is wanted is told, and what can never be told is not tried again.
func TestWants(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }))
	defer gone.Close()
	n := notifier(t, gone.URL)
	defer n.CloseIdleConnections()
	wants := Wants(projects(gone.URL))
	if wants("p0", asset.EventCreated) || wants("p1", asset.EventReviewed) || !wants("p1", asset.EventCreated) || wants("unknown", asset.EventCreated) {
		t.Error("the wrong events are wanted")
	}
	for _, a := range []asset.Asset{full, {ID: "x", ProjectID: "p0"}} {
		err := n.Notify(t.Context(), asset.Event{ID: "0123456789abcdef0123456789abcdef", Type: asset.EventCreated, Succeeded: true}, a)
		if _, permanent := errors.AsType[*asset.PermanentError](err); !permanent {
			t.Errorf("project %s: %v, want a permanent error", a.ProjectID, err)
		}
	}
}

// A receiver that is out of order is tried again, when it says so at the time that it names.
func TestTriesAgain(t *testing.T) {
	t.Parallel()
	for status, pause := range map[int]string{http.StatusNotFound: "", http.StatusServiceUnavailable: "", http.StatusTooManyRequests: "90"} {
		receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if pause != "" {
				w.Header().Set("Retry-After", pause)
			}
			w.WriteHeader(status)
		}))
		n := notifier(t, receiver.URL)
		err := n.Notify(t.Context(), asset.Event{ID: "0123456789abcdef0123456789abcdef", Type: asset.EventCreated, Succeeded: true}, full)
		_, permanent := errors.AsType[*asset.PermanentError](err)
		later, named := errors.AsType[*asset.DeferredError](err)
		if err == nil || permanent || named != (pause != "") || named && later.After != 90*time.Second {
			t.Errorf("%d: %v", status, err)
		}
		n.CloseIdleConnections()
		receiver.Close()
	}
}

// Receivers and the service use the same names of events: both are the cloud's.
func TestEventNames(t *testing.T) {
	t.Parallel()
	names := map[asset.EventType]webhook.Type{
		asset.EventCreated: webhook.CreateComplete, asset.EventTranscoded: webhook.TranscodeComplete,
		asset.EventThumbnails: webhook.ThumbnailComplete, asset.EventReviewed: webhook.ReviewComplete,
	}
	for _, event := range asset.EventTypes() {
		if string(event) != string(names[event]) {
			t.Errorf("the service says %q, its receivers %q", event, names[event])
		}
	}
}
