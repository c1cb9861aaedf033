package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/vod-reproduction/vod/service/sqlite"
)

// Reach returns an error when a database, a postgres:// URL or a SQLite file that nobody uses, does not respond or is
// damaged. It changes nothing.
func Reach(ctx context.Context, dsn string) error {
	if isPostgres(dsn) {
		c, err := openPostgres(ctx, dsn)
		if err != nil {
			return err
		}
		return c.close()
	}
	db, err := sqlite.Open(ctx, dsn, 1)
	if err != nil {
		return err
	}
	var found string
	if err = db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&found); err == nil && found != "ok" {
		err = fmt.Errorf("%s is damaged: %s", dsn, found)
	}
	return errors.Join(err, db.Close())
}
