package ui

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Events announce the changes of an asset, and end with its work, with the service, and with the visitor; a user follows
// a few at a time.
//
//nolint:bodyclose // read closes the responses
func TestEvents(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ended, running := s.accept(t, nil), s.accept(t, nil)
	s.work(t, scripts{ended: s.finishes(7)})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	open := func(who, id string) (*http.Response, context.CancelFunc) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/ui/assets/"+id+"/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(who, password)
		response, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		return response, cancel
	}
	read := func(response *http.Response) string {
		var text bytes.Buffer
		_, _ = text.ReadFrom(response.Body)
		_ = response.Body.Close()
		return text.String()
	}
	response, cancel := open(project, ended)
	if got := read(response); response.Header.Get("Content-Type") != "text/event-stream" || got != fmt.Sprintf("event: changed\ndata: %[1]s\n\nevent: done\ndata: %[1]s\n\n", ended) {
		t.Errorf("the events of an ended asset are %q", got)
	}
	cancel()
	response, cancel = open(stranger, running)
	if _ = read(response); response.StatusCode != http.StatusNotFound {
		t.Errorf("a stranger gets %d", response.StatusCode)
	}
	cancel()
	var streams []*http.Response
	for range 12 {
		response, cancel := open(project, running)
		t.Cleanup(cancel)
		if response.StatusCode != http.StatusOK {
			t.Fatalf("stream %d = %d", len(streams), response.StatusCode)
		}
		streams = append(streams, response)
	}
	response, cancel = open(project, running)
	if _ = read(response); response.StatusCode != http.StatusTooManyRequests {
		t.Errorf("one stream too many = %d", response.StatusCode)
	}
	cancel()
	response, cancel = open(reader, running) // another user
	if response.StatusCode != http.StatusOK {
		t.Errorf("a stream of another user = %d", response.StatusCode)
	}
	t.Cleanup(cancel)
	close(s.stopping)
	for _, stream := range append(streams, response) {
		if got := read(stream); !strings.HasPrefix(got, "event: changed\n") {
			t.Errorf("a stream began with %q", got)
		}
	}
}

// line is a connection that notes its deadline.
type line struct {
	*httptest.ResponseRecorder
	deadline  time.Time
	unbounded int // writes without a deadline
}

func (l *line) Write(b []byte) (int, error) {
	if l.deadline.IsZero() {
		l.unbounded++
	}
	return l.ResponseRecorder.Write(b)
}

func (l *line) SetWriteDeadline(t time.Time) error {
	l.deadline = t
	return nil
}

// An event has a deadline, and the time between two of them has none.
func TestEventsEndTheirDeadline(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.accept(t, nil)
	s.work(t, scripts{id: s.finishes(7)})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/ui/assets/"+id+"/events", nil)
	r.SetBasicAuth(project, password)
	l := &line{ResponseRecorder: httptest.NewRecorder()}
	s.ServeHTTP(l, r)
	if !strings.Contains(l.Body.String(), "event: done") || l.unbounded > 0 || !l.deadline.IsZero() {
		t.Errorf("after %q the deadline is %s, %d writes had none", l.Body, l.deadline, l.unbounded)
	}
}
