package api

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// line is a connection that notes its deadline.
type line struct {
	http.ResponseWriter
	deadline time.Time
}

func (l *line) SetWriteDeadline(t time.Time) error {
	l.deadline = t
	return nil
}

func TestDownloadPutsItsDeadlineOff(t *testing.T) {
	t.Parallel()
	l := &line{ResponseWriter: httptest.NewRecorder()}
	d := &download{ResponseWriter: &response{ResponseWriter: l}}
	for range 2 {
		before := time.Now()
		l.deadline = time.Time{}
		if _, err := d.Write([]byte("piece")); err != nil {
			t.Fatal(err)
		}
		if l.deadline.Before(before.Add(stallAfter)) || l.deadline.After(time.Now().Add(stallAfter)) {
			t.Errorf("the deadline is %s after the write, want %s", l.deadline.Sub(before), stallAfter)
		}
	}
}

func TestDownloadsAreBounded(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t, time.Now, 0)
	entered, leave := make(chan struct{}), make(chan struct{})
	h := s.bounded(func(http.ResponseWriter, *http.Request) {
		entered <- struct{}{}
		<-leave
	})
	request := func() *http.Request { return httptest.NewRequest(http.MethodGet, "/media/a/b", nil) }
	ended := make(chan struct{})
	for range maxDownloads {
		go func() {
			h(httptest.NewRecorder(), request())
			ended <- struct{}{}
		}()
		<-entered
	}
	w, refusal := ask(h, request())
	if w.Code != http.StatusServiceUnavailable || refusal.ErrorCode != "VOD.10052" || w.Header().Get("Retry-After") == "" {
		t.Errorf("one download too many: %d %s", w.Code, w.Body)
	}
	close(leave)
	for range maxDownloads {
		<-ended
	}
	go func() { <-entered }()
	if w, _ := ask(h, request()); w.Code != http.StatusOK {
		t.Errorf("after the others have ended: %d", w.Code)
	}
}
