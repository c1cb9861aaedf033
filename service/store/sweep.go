package store

import (
	"context"
	"fmt"
	"time"
)

// sweepSlack is by how much the clocks of processes may differ.
const sweepSlack = time.Minute

// SweepDue reports whether this process is the one, of all on this database, that is to sweep out now what is too old. That
// is so once in a period. Call it more often than that.
//
// What a wrong clock deletes stays deleted when the clock is right again. So the period begins anew when the clock was set,
// as the caller says, when it has gone back, and when nobody looked for a period.
func (s *Store) SweepDue(ctx context.Context, period time.Duration, clockSet bool) (due bool, err error) {
	now, every := s.now(), period.Milliseconds()
	err = s.update(ctx, func(tx *writeTx) error {
		var since int64
		if err := tx.QueryRowContext(ctx, `
			INSERT INTO sweep (id, since, seen) VALUES (1, $1, $1)
			ON CONFLICT (id) DO UPDATE SET seen = excluded.seen, since = CASE
				WHEN sweep.seen > excluded.seen + CAST($4 AS BIGINT) OR sweep.seen < excluded.seen - CAST($2 AS BIGINT) OR CAST($3 AS BIGINT) = 1
				THEN excluded.since ELSE sweep.since END
			RETURNING since`, now, every, flag(clockSet), sweepSlack.Milliseconds()).Scan(&since); err != nil {
			return err
		}
		if due = now-since >= every; !due {
			return nil
		}
		_, err := tx.ExecContext(ctx, `UPDATE sweep SET since = seen`)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look whether a sweep is due: %w", err)
	}
	return due, nil
}
