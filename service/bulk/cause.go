package bulk

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
)

// Codes of items that met no error code of the service.
const (
	CodeNoResponse = "NO_RESPONSE" // the request was sent and no usable response came
	CodeNotSent    = "NOT_SENT"    // the service could not be reached
	CodeBadRequest = "BAD_REQUEST" // the request did not pass the client's own check
)

// httpCode begins the code of a response that has none of the service's, as from a proxy or another server; the status
// follows.
const httpCode = "HTTP "

// Codes of ambiguous items whose assets have been looked for.
const (
	CodeSeveral       = "SEVERAL_ASSETS"       // more than one asset can be that of the item
	CodeSourceUnknown = "SOURCE_NOT_REPORTED"  // an asset has the title, and the service does not report its source
	CodeInconclusive  = "LISTING_INCONCLUSIVE" // no asset was found, and that proves nothing
	CodeListRefused   = "LIST_REFUSED"         // the service refused to list its assets
)

// fatal codes are about the caller, the account or the service: what one call meets, every call meets. Those about a
// bucket are among them, because most runs read one; it takes several in a row to stop a run.
var fatal = []contract.Code{
	contract.CodeIdentityFailed, contract.CodeNoRealName, contract.CodeAccountAbnormal, contract.CodeWrongProject, contract.CodeWrongMethod, contract.CodeContentType,
	contract.CodeNoPermission, contract.CodeWrongAddress, contract.CodeBucketForbidden, contract.CodeArrears, contract.CodeAccountFrozen, contract.CodeNoResourcePermission,
	contract.CodeOBSPermission, contract.CodeNoSuchAPI, contract.CodeNotAuthenticated, contract.CodeGatewayForbidden,
}

const (
	// fatalAfter is how many refusals in a row for one fatal cause stop a run.
	fatalAfter = 3
	// lostAfter is how many calls in a row may stay without a usable response.
	lostAfter = 10
)

// causeOf returns code and message of an error, for the journal.
func causeOf(err error) (code, message string) {
	var ambiguous *client.AmbiguousError
	if errors.As(err, &ambiguous) {
		err = ambiguous.Err
	}
	var api *client.APIError
	var invalid *client.ValidationError
	switch {
	case errors.As(err, &api) && api.Code != "":
		return string(api.Code), withRequestID(api)
	case errors.As(err, &api):
		return httpCode + strconv.Itoa(api.Status), withRequestID(api)
	case errors.As(err, &invalid):
		return CodeBadRequest, err.Error()
	case ambiguous != nil:
		return CodeNoResponse, err.Error()
	}
	return CodeNotSent, err.Error()
}

func withRequestID(e *client.APIError) string {
	if e.RequestID == "" {
		return e.Message
	}
	return fmt.Sprintf("%s (request id %s)", e.Message, e.RequestID)
}

// Advice returns the next step for an item by its state and code, empty when there is none to give.
func Advice(state State, code string) string {
	switch {
	case state == Ambiguous && code == CodeSeveral:
		return "delete the duplicate assets; the next start then uses the remaining one"
	case state == Ambiguous && code == CodeSourceUnknown:
		return "look at these assets; if none is that of the object, send it again with --retry-ambiguous"
	case state == Ambiguous && (code == CodeInconclusive || code == CodeListRefused):
		return "look among the newest assets for the title; then send what is missing with --retry-ambiguous"
	case state == Ambiguous:
		return "start again: every start looks for the asset, and half an hour after the request it can rule out that there is one; " +
			"or look yourself, and send what is missing with --retry-ambiguous"
	case code == CodeNotSent:
		return "check the endpoint and the network"
	case strings.HasPrefix(code, httpCode):
		return "check that the endpoint is a VOD service and that no proxy responds in its place"
	}
	known, _ := contract.Lookup(contract.Code(code))
	return known.Advice
}

// FatalError stops a run that would meet the same refusal with every item.
type FatalError struct {
	// Code is the cause.
	Code string
	// Err is the last refusal.
	Err error
}

// Error returns the cause.
func (e *FatalError) Error() string {
	return fmt.Sprintf("stopped, because every call would end alike: %v", e.Err)
}

// Unwrap returns the refusal.
func (e *FatalError) Unwrap() error { return e.Err }

// TooManyUnknownError stops a run whose calls stay without a response: each of them may have made an asset.
type TooManyUnknownError struct{ Err error }

// Error returns how the last call ended.
func (e *TooManyUnknownError) Error() string {
	code, message := causeOf(e.Err)
	return fmt.Sprintf("stopped, because %d calls in a row may or may not have been accepted: %s: %s", lostAfter, code, message)
}

// Unwrap returns the error of the last call.
func (e *TooManyUnknownError) Unwrap() error { return e.Err }

// UnavailableError stops a run whose service has taken no call for as long as patience lasts. Nothing is lost.
type UnavailableError struct{ Err error }

// Error returns what the service said last.
func (e *UnavailableError) Error() string {
	return fmt.Sprintf("stopped, because the service takes no calls at present: %v", e.Err)
}

// Unwrap returns the error of the last call.
func (e *UnavailableError) Unwrap() error { return e.Err }

// fromService reports whether err is how a request ended, and not a failure of the journal.
func fromService(err error) bool {
	_, invalid := errors.AsType[*client.ValidationError](err)
	_, refused := errors.AsType[*client.APIError](err)
	_, odd := errors.AsType[*client.ResponseError](err)
	_, unsent := errors.AsType[*client.TransportError](err)
	return invalid || refused || odd || unsent
}

// UnrecordedError stops a run that could not write down what the service has accepted. In the journal the items are
// still Sent, so that the next start finds them Ambiguous; this error alone knows their assets.
type UnrecordedError struct {
	// Items have their AssetID.
	Items []Item
	// Err says why the journal was not written.
	Err error
}

// Error returns why, and of how many.
func (e *UnrecordedError) Error() string {
	return fmt.Sprintf("stopped, because the journal does not have %d of the accepted objects: %v", len(e.Items), e.Err)
}

// Unwrap returns the error of the journal.
func (e *UnrecordedError) Unwrap() error { return e.Err }

// unrecorded collects what several calls in flight come to.
type unrecorded struct {
	mu    sync.Mutex
	items []Item
	first error
}

func (u *unrecorded) add(item Item, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.items = append(u.items, item)
	if u.first == nil {
		u.first = err
	}
}

// verdict puts the assets before whatever else has stopped the run.
func (u *unrecorded) verdict(err error) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.items) == 0 {
		return err
	}
	slices.SortFunc(u.items, func(a, b Item) int { return int(a.ID - b.ID) })
	return &UnrecordedError{Items: u.items, Err: u.first}
}

// Unwritable reports whether err came from a journal that cannot be written: its disk is full or broken, or it may not be
// changed.
func Unwritable(err error) bool {
	var fault *sqlite.Error
	return errors.As(err, &fault) && slices.Contains(unwritable, fault.Code()&primaryCode)
}

var unwritable = []int{sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}

// primaryCode cuts out what an SQLite error is; the rest of its code says more about the same.
const primaryCode = 0xff
