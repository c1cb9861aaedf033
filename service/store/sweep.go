package store

import (
	"context"
	"fmt"
	"time"
)

// SweepDue reports whether one of the processes on this database, this one, is to sweep out what is too old now, which is so
// once in a period. What a wrong clock deletes is gone when the clock is right again: the period begins anew where the clock
// was set, as the caller says, has gone back, or nobody looked for a period. It is shorter than a period that SweepDue is called.
func (s *Store) SweepDue(ctx context.Context, period time.Duration, clockSet bool) (due bool, err error) {
	now, every := s.now(), period.Milliseconds()
	err = s.update(ctx, func(tx *writeTx) error {
		var since int64
		if err := tx.QueryRowContext(ctx, `
			INSERT INTO sweep (id, since, seen) VALUES (1, $1, $1)
			ON CONFLICT (id) DO UPDATE SET seen = excluded.seen, since = CASE
				WHEN sweep.seen > excluded.seen OR sweep.seen < excluded.seen - CAST($2 AS BIGINT) OR CAST($3 AS BIGINT) = 1
				THEN excluded.since ELSE sweep.since END
			RETURNING since`, now, every, flag(clockSet)).Scan(&since); err != nil {
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
