package vodtest

import (
	"net/http"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/handler"
)

// Fault is what happens to one dump in place of success.
type Fault struct {
	// accepts reports that the asset is created all the same.
	accepts bool
	// happen returns what the contract's own response is made of, or finishes the response, or the connection.
	happen func(*response) error
}

// Refused refuses a dump with an error code of the contract, and the status that belongs to it.
func Refused(code contract.Code) Fault {
	return Fault{happen: func(*response) error { return &handler.Refusal{Code: code} }}
}

// Throttled refuses a dump with 429 and asks the client to wait, in whole seconds; 0 asks for no pause.
func Throttled(retryAfter time.Duration) Fault {
	return Fault{happen: func(*response) error { return &handler.Refusal{Code: contract.CodeThrottled, RetryAfter: retryAfter} }}
}

// Status responds to a dump as a proxy in front of the service would: with a status and a body that is not JSON.
func Status(status int) Fault {
	return Fault{happen: func(w *response) error {
		http.Error(w, http.StatusText(status), status)
		w.finished = true
		return nil
	}}
}

// RequestLost closes the connection without creating an asset.
func RequestLost() Fault { return Fault{happen: hangUp} }

// ResponseLost creates the asset and closes the connection without a response, so that the client cannot know.
func ResponseLost() Fault { return Fault{accepts: true, happen: hangUp} }

func hangUp(*response) error { panic(http.ErrAbortHandler) }
