package vodtest

import (
	"net/http"
	"strconv"
	"time"

	"github.com/vod-reproduction/vod/contract"
)

// Fault is what happens to one dump in place of success.
type Fault struct {
	// accepts tells that the asset is created all the same.
	accepts bool
	respond func(http.ResponseWriter)
}

// Refused refuses a dump with an error code of the contract, and the status that belongs to it.
func Refused(code contract.Code) Fault {
	problem, _ := contract.Lookup(code)
	status := problem.Status
	if status == 0 {
		status = http.StatusForbidden // as the cloud does with codes that have no status of their own
	}
	return Fault{respond: func(w http.ResponseWriter) { refuse(w, status, code, "") }}
}

// Throttled refuses a dump with 429 and asks the client to wait, in whole seconds.
func Throttled(retryAfter time.Duration) Fault {
	return Fault{respond: func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter/time.Second)))
		refuse(w, http.StatusTooManyRequests, contract.CodeThrottled, "")
	}}
}

// Status responds to a dump as a proxy in front of the service would: with a status and a body that is not JSON.
func Status(status int) Fault {
	return Fault{respond: func(w http.ResponseWriter) { http.Error(w, http.StatusText(status), status) }}
}

// RequestLost closes the connection without creating an asset.
func RequestLost() Fault { return Fault{respond: hangUp} }

// ResponseLost creates the asset and closes the connection without a response, so that the client cannot know.
func ResponseLost() Fault { return Fault{accepts: true, respond: hangUp} }

func hangUp(http.ResponseWriter) { panic(http.ErrAbortHandler) }
