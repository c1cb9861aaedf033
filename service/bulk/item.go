package bulk

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/vod-reproduction/vod/gen"
)

// Item is one object of a run.
type Item struct {
	ID int64
	// Line is the line of the manifest, 0 for an object of a bucket.
	Line       int64
	State      State
	Generation int64
	// Changed tells that the source has another object or request by now than the one that was sent.
	Changed bool
	// Body is the request, or a line that could not be understood.
	Body    []byte
	AssetID string
	// Code and Message tell why an item failed or is ambiguous.
	Code, Message string
}

// Request gives the request of the item, as far as it can be read.
func (i Item) Request() gen.DumpRequest {
	var r gen.DumpRequest
	_ = json.Unmarshal(i.Body, &r) // a refused line may be anything
	return r
}

// items gives up to limit items of a state, behind an ID, in order.
func (j *Journal) items(ctx context.Context, state State, after int64, limit int) ([]Item, error) {
	rows, err := j.read.QueryContext(ctx, `SELECT status.id, line, state, generation, changed, body, asset_id, code, message
		FROM status JOIN item ON item.id = status.id WHERE state = ? AND status.id > ? ORDER BY status.id LIMIT ?`, state, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var items []Item
	for rows.Next() {
		var i Item
		if err := rows.Scan(&i.ID, &i.Line, &i.State, &i.Generation, &i.Changed, &i.Body, &i.AssetID, &i.Code, &i.Message); err != nil {
			return nil, fmt.Errorf("read the journal: %w", err)
		}
		items = append(items, i)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	return items, nil
}
