package ui

import (
	"fmt"
	"net/http"
	"time"

	"github.com/vod-reproduction/vod/service/api"
	"github.com/vod-reproduction/vod/service/asset"
)

const (
	// lookEvery is how often an asset is looked at for one who follows it.
	lookEvery = time.Second
	// streamFor is how long a stream lasts. The browser then opens the next, and is asked again who it is.
	streamFor = 5 * time.Minute
	// writeTimeout is how long a browser may take nothing of its stream.
	writeTimeout = 10 * time.Second
)

// events announces, as server-sent events, every change of an asset: "changed",
// upon which its page is worth fetching again, and "done" when it changes no
// more by itself.
func (u *ui) events(w http.ResponseWriter, r *http.Request, v api.Visitor) error {
	a, err := u.get(r, v)
	if err != nil {
		return err
	}
	release, ok := u.Service.Follow(v)
	if !ok {
		return errTooManyStreams
	}
	defer release()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // of a proxy, which would keep the events
	connection := http.NewResponseController(w)
	send := func(event string) error {
		// Where there is no connection to set a deadline for, as in a test, there is nothing that can stall.
		_ = connection.SetWriteDeadline(time.Now().Add(writeTimeout))
		if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, a.ID); err != nil {
			return err
		}
		if err := connection.Flush(); err != nil {
			return err
		}
		// Over HTTP/2 a deadline that passes between two events would end the stream.
		_ = connection.SetWriteDeadline(time.Time{})
		return nil
	}
	if r.Method == http.MethodHead || send("changed") != nil {
		return nil
	}
	tick, end := time.NewTicker(lookEvery), time.NewTimer(streamFor)
	defer tick.Stop()
	defer end.Stop()
	shown := stateOf(a)
	for beats := 0; ; beats++ {
		if !changing(a) {
			_ = send("done")
			return nil
		}
		select {
		case <-r.Context().Done(): // the visitor left
			return nil
		case <-u.Stopping:
			return nil
		case <-end.C:
			return nil
		case <-tick.C:
		}
		if a, err = u.get(r, v); err != nil {
			return nil //nolint:nilerr // deleted, or the database does not respond: the page itself says which
		}
		event := "alive" // keeps proxies from closing what is silent, and finds out who has left
		if now := stateOf(a); now != shown {
			shown, event = now, "changed"
		} else if beats%15 != 0 {
			continue
		}
		if send(event) != nil {
			return nil
		}
	}
}

// stateOf is the same for two reads of an asset whose page looks the same.
func stateOf(a asset.Asset) string {
	text := fmt.Sprint(a.State, a.Attempt, a.Reason, a.UpdatedAt)
	for _, s := range a.Stages {
		text += fmt.Sprint(s.Name, s.State, s.Bytes, s.Percent, s.Error)
	}
	return text
}
