package store

import (
	"context"
	"database/sql"
	"errors"
	"io"
)

// dialect is what differs between databases.
type dialect struct {
	// open takes the database for this process.
	open func(ctx context.Context, path string) (connections, error)
	// migrations is the directory of its files below migrations/.
	migrations string
}

// connections is an open database.
type connections struct {
	write *sql.DB
	read  *sql.DB   // read only; sees the last commit
	lock  io.Closer // released after both are closed
}

func (c *connections) close() error {
	var errs []error
	for _, db := range []*sql.DB{c.read, c.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if c.lock != nil {
		errs = append(errs, c.lock.Close())
	}
	return errors.Join(errs...)
}
