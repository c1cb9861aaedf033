package bulk

import "slices"

// State is where one item of a run stands. The numbers are written to journals and never change their meaning.
type State int

// The states of an item.
const (
	// Pending items have not been sent, or were turned away without having been taken.
	Pending State = 0
	// Sent is written before the first byte of a call goes out. Found at a start, it means that the run before ended
	// while the call was in flight.
	Sent State = 1
	// Accepted items have an asset ID.
	Accepted State = 2
	// Refused items break the contract and are never sent.
	Refused State = 3
	// Failed items were refused by the service, or their asset came to a bad end.
	Failed State = 4
	// Ambiguous items may have been accepted: no answer told.
	Ambiguous State = 5
	// Done items have an asset that is ready.
	Done State = 6
)

// States lists every state in the order in which an item can meet them.
var States = []State{Pending, Sent, Accepted, Done, Refused, Failed, Ambiguous}

var stateNames = map[State]string{
	Pending: "pending", Sent: "sent", Accepted: "accepted", Done: "done",
	Refused: "refused", Failed: "failed", Ambiguous: "ambiguous",
}

// String gives the state's name, in lower case.
func (s State) String() string { return stateNames[s] }

// nextStates are the moves that a run may make. Whatever has been accepted is never pending again by a run: only a
// person's word (see RetryFailed) puts an item back, and then under a new key. What is ambiguous can be settled by a call
// or by a look, and a look can tell more about what stays ambiguous.
var nextStates = map[State][]State{
	Pending:   {Sent},
	Sent:      {Pending, Accepted, Failed, Ambiguous},
	Ambiguous: {Sent, Accepted, Pending, Ambiguous},
	Accepted:  {Done, Failed},
}

func (s State) mayBecome(next State) bool { return slices.Contains(nextStates[s], next) }
