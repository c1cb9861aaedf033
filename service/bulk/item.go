package bulk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/vod-reproduction/vod/gen"
)

// Item is one object of a run.
type Item struct {
	ID int64
	// Line is the line of the manifest, 0 for an object of a bucket.
	Line       int64
	State      State
	Generation int64
	// Changed reports that the source has another object or request by now than the one that was sent.
	Changed bool
	// Body is the request, or a line that could not be understood.
	Body    []byte
	AssetID string
	// Code and Message say why an item failed or is ambiguous.
	Code, Message string
}

// Request returns the request of the item, as far as it can be read.
func (i Item) Request() gen.DumpRequest {
	var r gen.DumpRequest
	_ = json.Unmarshal(i.Body, &r) // a refused line may be anything
	return r
}

// items returns up to limit items of a state, behind an ID, in order.
func (j *Journal) items(ctx context.Context, state State, after int64, limit int) ([]Item, error) {
	rows, err := j.read.QueryContext(ctx, `SELECT status.id, line, generation, changed, body, asset_id, code, message
		FROM status JOIN item ON item.id = status.id WHERE state = ? AND status.id > ? ORDER BY status.id LIMIT ?`, state, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var items []Item
	for rows.Next() {
		i := Item{State: state}
		if err := rows.Scan(&i.ID, &i.Line, &i.Generation, &i.Changed, &i.Body, &i.AssetID, &i.Code, &i.Message); err != nil {
			return nil, fmt.Errorf("read the journal: %w", err)
		}
		items = append(items, i)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	return items, nil
}

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
	// Ambiguous items may have been accepted: no response arrived.
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

// String returns the state's name, in lower case.
func (s State) String() string { return stateNames[s] }

// nextStates are the moves that a run may make. Whatever has been accepted is never pending again by a run: only a
// person's word (see RetryFailed) puts an item back, and then under a new key. What is ambiguous can be settled by a call
// or by a look, and a look can find more about what stays ambiguous.
var nextStates = map[State][]State{
	Pending:   {Sent},
	Sent:      {Pending, Accepted, Failed, Ambiguous},
	Ambiguous: {Sent, Accepted, Pending, Ambiguous},
	Accepted:  {Done, Failed},
}

func (s State) mayBecome(next State) bool { return slices.Contains(nextStates[s], next) }
