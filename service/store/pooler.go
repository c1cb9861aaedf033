package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// errPooled means that what a connection is in the middle of reaches other connections: locks, notifications, settings and
// prepared statements are lost or somebody else's.
var errPooled = errors.New("a pooler shares its connections between transactions, which notifications and locks do not survive: " +
	"set pool_mode = session for this database in PgBouncer, or connect to the server itself")

// poolerRounds is how often two connections are compared. A pooler that takes turns with its own may hand out the same once.
const poolerRounds = 3

// checkPooler fails with errPooled behind a pooler that hands a connection to others between transactions. It looks at the
// first connection of two in a transaction of the second, while that one holds what it was given.
func checkPooler(ctx context.Context, config *pgx.ConnConfig) (err error) {
	config = config.Copy()
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol // prepared statements may fail there
	first, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer func() { _ = first.Close(ctx) }() // nothing is at stake
	var server uint32
	if err := first.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&server); err != nil || server == first.PgConn().PID() {
		return err // a pooler has numbers of its own
	}
	second, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer func() { _ = second.Close(ctx) }() // as above
	mark, seen := rand.Text(), ""
	if _, err := first.Exec(ctx, `SELECT set_config('vod.session', $1, false)`, mark); err != nil {
		return err
	}
	const look = `SELECT coalesce(current_setting('vod.session', true), '')`
	for range poolerRounds {
		tx, err := second.Begin(ctx)
		if fault, ok := errors.AsType[*pgconn.PgError](err); ok {
			return fmt.Errorf("%w (%w)", errPooled, fault)
		}
		if err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, look).Scan(&seen); err != nil {
			return err
		}
		if seen == mark {
			return errPooled
		}
		if err := first.QueryRow(ctx, look).Scan(&seen); err != nil {
			return err
		}
		if seen != mark {
			return errPooled
		}
		if err := tx.Rollback(ctx); err != nil {
			return err
		}
	}
	return nil
}
