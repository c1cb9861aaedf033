package bulk

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/client"
)

// Record makes one move of an item.
func (j *Journal) Record(id int64, from, to State) error {
	return j.RecordAt(id, from, to, time.Unix(0, 0))
}

// RecordAt makes one move at a time.
func (j *Journal) RecordAt(id int64, from, to State, at time.Time) error {
	return errors.Join(j.RecordTogether([]Move{{id: id, from: from, to: to, at: at.Unix()}})...)
}

// Move is a move of an item.
type Move = move

// NewMove returns a move of an item that gets an asset.
func NewMove(id int64, from, to State, assetID string) Move {
	return Move{id: id, from: from, to: to, assetID: assetID}
}

// RecordTogether begins several moves before it waits for the first of them. It returns the error of each.
func (j *Journal) RecordTogether(moves []Move) []error {
	entries, errs := make([]*group, len(moves)), make([]error, len(moves))
	for i, m := range moves {
		entries[i], errs[i] = j.enter(m)
	}
	for i, e := range entries {
		if e != nil {
			errs[i] = e.wait()
		}
	}
	return errs
}

// Finish makes every item Done.
func (j *Journal) Finish(ctx context.Context) error {
	return j.transact(ctx, func() error {
		_, err := j.write.ExecContext(ctx, "UPDATE status SET state = ?, asset_id = printf('%032x', id)", Done)
		return err
	})
}

// ItemsPerTransaction is how many items the plan commits together.
const ItemsPerTransaction = itemsPerTransaction

// Key is the idempotency key of an item.
func (j *Journal) Key(item Item) string { return j.key(item.ID, item.Generation) }

// MayBecome reports whether a run may move an item.
func MayBecome(from, to State) bool { return from.mayBecome(to) }

// Pace is a pace for tests.
type Pace struct{ p *pace }

// NewPace makes a pace.
func NewPace(clock client.Clock, perMinute float64, burst int, patience time.Duration) Pace {
	return Pace{newPace(clock, perMinute, burst, patience)}
}

// Wait waits for a turn.
func (p Pace) Wait(ctx context.Context) (time.Time, error) { return p.p.wait(ctx) }

// Taken tells of a call that was taken.
func (p Pace) Taken() { p.p.taken() }

// TurnedAway tells of a call that was not.
func (p Pace) TurnedAway(sent time.Time, asked time.Duration) bool {
	return p.p.turnedAway(sent, asked, true)
}

// OpenQuote reports whether a table ends inside a quote.
func OpenQuote(text string) bool {
	q := newQuotes(bufio.NewReader(strings.NewReader(text)), ',', 0)
	_, err := io.Copy(io.Discard, q)
	return err != nil
}

// Fill leaves the journal no page beyond those it has, as a full disk would.
func (j *Journal) Fill(ctx context.Context) error {
	j.writing.Lock()
	defer j.writing.Unlock()
	_, err := j.write.ExecContext(ctx, "PRAGMA max_page_count = 1") // SQLite takes what there is, at least
	return err
}

// Changed counts the items whose object or request has changed since they were sent.
func (j *Journal) Changed(ctx context.Context) (n int64, err error) {
	err = j.read.QueryRowContext(ctx, "SELECT count(*) FROM status WHERE changed = 1").Scan(&n)
	return n, err
}
