package media

// Kind says what is wrong with media that is refused.
type Kind string

// Why media is refused.
const (
	Mismatch Kind = "mismatch" // not what its video type says
	Broken   Kind = "broken"   // cannot be read, or holds nothing
	TooBig   Kind = "too big"  // beyond a limit
)

// Refusal means that the media itself is at fault, so that trying again cannot
// help. HostFault tells the other errors apart.
type Refusal struct {
	Kind   Kind
	Reason string // one sentence for the owner of the media, without paths
	Err    error  // the cause, for the log; may be nil
}

// Error returns the reason and the cause.
func (r *Refusal) Error() string {
	if r.Err == nil {
		return string(r.Kind) + ": " + r.Reason
	}
	return string(r.Kind) + ": " + r.Reason + ": " + r.Err.Error()
}

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Err }
