package api

import (
	"errors"
	"io"
	"net/http"
	"net/netip"

	"github.com/vod-reproduction/vod/contract"
)

const (
	// maxBody is far above every request of the contract; 12 MB, which the cloud's gateway takes, is no use to anyone.
	maxBody = 1 << 20
	// smallBody is what each request may hold in memory, in bytes. Few are larger; those have places, so that the memory
	// for bodies has a bound however many connections there are.
	smallBody = 16 << 10
	// maxLarge is how many larger bodies there may be at the same time, maxLargeEach how many of one address.
	maxLarge, maxLargeEach = 32, 8
)

// bodies bounds what the bodies of requests hold in memory. The zero value holds none.
type bodies struct {
	large places[netip.Prefix] // by sender
}

// read returns the body of a request of some sender, and a function that is called when it is needed no more.
func (b *bodies) read(w http.ResponseWriter, r *http.Request, sender netip.Prefix) (body []byte, release func(), err error) {
	release = func() {}
	from := http.MaxBytesReader(w, r.Body, maxBody)
	if body, err = io.ReadAll(io.LimitReader(from, smallBody+1)); err != nil {
		return nil, release, unreadable(err)
	}
	if len(body) <= smallBody {
		return body, release, nil
	}
	leave, ok := b.large.enter(sender, maxLarge, maxLargeEach)
	if !ok {
		return nil, release, refuse(contract.CodeUnavailable, "too many large requests at the same time")
	}
	rest, err := io.ReadAll(from)
	if err != nil {
		leave()
		return nil, release, unreadable(err)
	}
	return append(body, rest...), leave, nil
}

func unreadable(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	return refuse(contract.CodeIllegalParameter, "the body ends too early")
}
