package bulk

import (
	"context"
	"fmt"
	"time"
)

// control is an item whose asset is known.
type control struct {
	calls
	assetID string
	body    []byte
}

// controls returns some items that were called for after a time and have an asset, the newest first.
func (j *Journal) controls(ctx context.Context, after time.Time) ([]control, error) {
	rows, err := j.read.QueryContext(ctx, `SELECT asset_id, body, calls, since, until FROM status JOIN item USING (id)
		WHERE state IN (?, ?) AND since > ? ORDER BY since DESC LIMIT 100`, Accepted, Done, after.Unix())
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []control
	for rows.Next() {
		var w control
		var n int
		var since, until int64
		if err := rows.Scan(&w.assetID, &w.body, &n, &since, &until); err != nil {
			return nil, fmt.Errorf("read the journal: %w", err)
		}
		w.calls = newCalls(n, since, until)
		all = append(all, w)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	return all, nil
}
