package asset

// Attempt is one start of work on an asset. Number is its fencing token: once a
// later attempt began, or the asset ended, every write with this one is ErrStale.
type Attempt struct {
	Asset  Asset
	Number int64
	// Cursor is what was saved last, in this or an earlier attempt; nil if nothing.
	Cursor []byte
	// Reviewing says that the attempt takes none of the workers, and so does nothing but have the asset reviewed and end it.
	Reviewing bool
}

// Outcome is what an attempt ends an asset with.
type Outcome struct {
	Media Media // needs at least a Key
	// Publish shows the media now; else the asset waits to be published by a request.
	Publish bool
	// Blocked forbids every later publishing; Publish is false then.
	Blocked bool
}
