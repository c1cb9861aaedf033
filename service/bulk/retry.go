package bulk

import (
	"context"
	"fmt"
)

// again puts items back to Pending under a new key, and keeps what had become of them.
type again struct{ keep, reset string }

const (
	keepPast = `INSERT INTO past SELECT item.id, generation, version, state, asset_id, code, message
		FROM item JOIN status ON status.id = item.id WHERE status.`
	resetStatus = `UPDATE status SET state = 0, generation = generation + 1, changed = 0, asset_id = '', code = '', message = ''
		WHERE status.`
)

var (
	oneAgain   = again{keepPast + "id = ?", resetStatus + "id = ?"}
	stateAgain = again{keepPast + "state = ?", resetStatus + "state = ?"}
)

func (j *Journal) again(ctx context.Context, which again, value any) error {
	for _, statement := range []string{which.keep, which.reset} {
		if _, err := j.write.ExecContext(ctx, statement, value); err != nil {
			return err
		}
	}
	return nil
}

// RetryFailed puts the items that have failed back to Pending, to be dumped again under new keys.
func (j *Journal) RetryFailed(ctx context.Context) error {
	if err := j.transact(ctx, func() error { return j.again(ctx, stateAgain, Failed) }); err != nil {
		return fmt.Errorf("retry what has failed: %w", err)
	}
	return nil
}
