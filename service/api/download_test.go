package api

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
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

// Viewers of one address leave room for those of others, and the idle ones go first.
func TestDownloadsAreShared(t *testing.T) {
	t.Parallel()
	here, there := netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("192.0.2.2/32")
	fill := func(from func(i int) netip.Prefix, idle func(i int) time.Duration) (*downloads, []*download) {
		u, all := &downloads{}, make([]*download, maxDownloads)
		for i := range all {
			all[i] = &download{ResponseWriter: httptest.NewRecorder(), from: from(i), moved: time.Now().Add(-idle(i)), cancel: func() {}}
			if !u.enter(all[i]) {
				t.Fatalf("download %d is refused", i)
			}
		}
		return u, all
	}
	from := func(p netip.Prefix) func(int) netip.Prefix { return func(int) netip.Prefix { return p } }
	each := func(i int) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 32)
	}
	longest := func(i int) func(int) time.Duration {
		return func(j int) time.Duration {
			if i == j {
				return time.Hour
			}
			return 0
		}
	}
	for name, c := range map[string]struct {
		from     func(int) netip.Prefix
		idle     func(int) time.Duration
		newcomer netip.Prefix
		victim   int // -1: the newcomer is refused
	}{
		"one has all, nobody is idle":  {from(here), func(i int) time.Duration { return time.Duration(i) * time.Millisecond }, there, maxDownloads - 1},
		"one has all, and wants more":  {from(here), longest(-1), here, -1},
		"each has one, nobody is idle": {each, longest(-1), here, -1},
		"each has one, one is idle":    {each, longest(7), here, 7},
		"one's own is idle":            {from(here), longest(7), here, 7},
	} {
		u, all := fill(c.from, c.idle)
		if ok := u.enter(&download{ResponseWriter: httptest.NewRecorder(), from: c.newcomer, moved: time.Now()}); ok != (c.victim >= 0) {
			t.Errorf("%s: let in %v", name, ok)
		}
		for i, d := range all {
			if _, err := d.Write(nil); (err != nil) != (i == c.victim) {
				t.Errorf("%s: download %d: %v", name, i, err)
			}
		}
		if n := len(u.open); n != maxDownloads {
			t.Errorf("%s: %d downloads", name, n)
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

// A download whose place was taken lets go of what it reads from.
func TestDownloadEndsItsWork(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t, time.Now, 0)
	s.bounded(func(w http.ResponseWriter, r *http.Request) {
		w.(*download).end()
		<-r.Context().Done()
	})(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/media/a/b", nil))
}
