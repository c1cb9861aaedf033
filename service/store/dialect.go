package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Kind is a kind of database.
type Kind string

// The kinds of databases.
const (
	SQLite     Kind = "SQLite"
	PostgreSQL Kind = "PostgreSQL"
)

// dialect is what differs between databases.
type dialect struct {
	kind Kind
	// open connects to the database.
	open func(ctx context.Context, dsn string) (connections, error)
	// examine returns an error when the database does not respond or is damaged. It changes nothing.
	examine func(ctx context.Context, dsn string) error
	// migrations is the directory of its files below migrations/.
	migrations string
	// alone runs fn while no other process changes the tables of the database. The log says what it waits for.
	alone func(ctx context.Context, db *sql.DB, log *slog.Logger, fn func(context.Context) error) error
	// oneWriter says that one connection does all the writing.
	oneWriter bool
	// groups is how many groups of requests are accepted at the same time, on connections of their own where there are several.
	groups int
	// reading are the options of a transaction that sees one state of the database.
	reading sql.TxOptions
	// placeholder appends that of the number-th parameter to a statement that has them in their order.
	placeholder func(query []byte, number int) []byte
	// renumber makes the next row of a table follow those that brought their own
	// numbers; nil where that goes by itself.
	renumber func(ctx context.Context, tx *sql.Tx, table, column string) error
	// search selects the assets, named a, with a text of three characters or more in
	// their titles, keys or tags: the tables to look in, a condition, and the order of
	// the newest first.
	search func(args *params, text string) (from, cond, newest string)
	// contains is the condition that a text is a part of an expression, letters in either case.
	contains func(args *params, expression, text string) string
	// texts returns the numbers of a project's assets with a text in their titles or descriptions, newest first, and may stop
	// once it has limit of them; nil where the database finds them by contains.
	texts func(ctx context.Context, tx *sql.Tx, project, text string, limit int) ([]int64, error)
	// replan makes the statements of a transaction be planned for their values; "" where that goes by itself.
	replan string
	// indexText makes the index that search uses where migrations cannot.
	indexText func(ctx context.Context, db *sql.DB) error
	// refuses reports whether an error is of what was to be written, and not of the database.
	refuses func(err error) bool
	// duplicate reports whether an error is that another transaction has made a row which must be the only one.
	duplicate func(err error) bool
	// lost reports whether the error of a commit leaves open whether it was made.
	lost func(err error) bool
	// held reports whether an error is that a group of requests gave up waiting for what another transaction holds.
	held func(err error) bool
	// forUpdate and forShare end a SELECT that locks its rows.
	forUpdate, forShare string
}

// dialectOf returns the dialect of a data source: that of a URL's scheme, or SQLite's for a path.
func dialectOf(dsn string) (dialect, error) {
	switch scheme, _, isURL := strings.Cut(dsn, "://"); {
	case !isURL:
		return sqliteDialect, nil
	case scheme == "postgres", scheme == "postgresql":
		return postgresDialect, nil
	default:
		return dialect{}, fmt.Errorf("no database is known for %s:// URLs", scheme)
	}
}

// Examine returns an error when a database, a postgres:// URL or a SQLite file that nobody uses, does not respond or is
// damaged. It changes nothing.
func Examine(ctx context.Context, dsn string) error {
	d, err := dialectOf(dsn)
	if err != nil {
		return err
	}
	return d.examine(ctx, dsn)
}

// Connection is the open database that a queue connects to.
type Connection struct {
	*sql.DB
	Kind Kind
	// Listen is a pool on the same database to LISTEN with; nil on SQLite.
	Listen *pgxpool.Pool
}

// connections is an open database.
type connections struct {
	write  *sql.DB
	read   *sql.DB       // read only; sees the last commit
	groups *sql.DB       // in which groups of requests are accepted
	listen *pgxpool.Pool // nil on SQLite
	lock   io.Closer     // released after all are closed
}

func (c *connections) close() error {
	var errs []error
	for _, db := range []*sql.DB{c.read, c.write, c.groups} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if c.listen != nil {
		c.listen.Close()
	}
	if c.lock != nil {
		errs = append(errs, c.lock.Close())
	}
	return errors.Join(errs...)
}
