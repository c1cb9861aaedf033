package bulk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// calls are those for one item whose outcome is open, or the one that was taken.
type calls struct {
	n           int // 0 when the journal was made before it kept them
	first, last time.Time
}

func newCalls(n int, since, until int64) calls {
	return calls{n: n, first: time.Unix(since, 0), last: time.Unix(until, 0)}
}

func (j *Journal) calls(ctx context.Context, id int64) (calls, error) {
	var n int
	var since, until int64
	if err := j.read.QueryRowContext(ctx, "SELECT calls, since, until FROM status WHERE id = ?", id).Scan(&n, &since, &until); err != nil {
		return calls{}, fmt.Errorf("read the journal: %w", err)
	}
	return newCalls(n, since, until), nil
}

// unknownIDs returns those of some assets that the journal does not have.
func (j *Journal) unknownIDs(ctx context.Context, ids []string) ([]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	rows, err := j.read.QueryContext(ctx, `WITH asked AS (SELECT value FROM json_each(?))
		SELECT asset_id FROM status WHERE asset_id IN asked UNION SELECT asset_id FROM past WHERE asset_id IN asked`, string(list))
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	defer func() { _ = rows.Close() }()
	unknown := slices.Clone(ids)
	for rows.Next() {
		known := ""
		if err := rows.Scan(&known); err != nil {
			return nil, fmt.Errorf("read the journal: %w", err)
		}
		unknown = slices.DeleteFunc(unknown, func(id string) bool { return id == known })
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	return unknown, nil
}
