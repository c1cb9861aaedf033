package bulk

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// UnrecordedError stops a run that could not write down what the service has accepted. In the journal the items are
// still Sent, so that the next start finds them Ambiguous; this error alone knows their assets.
type UnrecordedError struct {
	// Items have their AssetID.
	Items []Item
	// Err tells why the journal was not written.
	Err error
}

// Error tells why, and of how many.
func (e *UnrecordedError) Error() string {
	return fmt.Sprintf("stopped, because the journal does not have %d of the accepted objects: %v", len(e.Items), e.Err)
}

// Unwrap gives the error of the journal.
func (e *UnrecordedError) Unwrap() error { return e.Err }

// unrecorded collects what several calls in flight come to.
type unrecorded struct {
	mu    sync.Mutex
	items []Item
	first error
}

func (u *unrecorded) add(item Item, assetID string, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	item.AssetID = assetID
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

// Unwritable tells whether err came from a journal that cannot be written: its disk is full or broken, or it may not be
// changed.
func Unwritable(err error) bool {
	var fault *sqlite.Error
	return errors.As(err, &fault) && slices.Contains(unwritable, fault.Code()&primaryCode)
}

var unwritable = []int{sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}

// primaryCode cuts out what an SQLite error is; the rest of its code says more about the same.
const primaryCode = 0xff
