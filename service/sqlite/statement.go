package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"
)

// keptStatements is how many compiled statements a connection keeps: more than the queries of a program have forms.
const keptStatements = 256

// pragma begins statements of which SQLite runs some while it compiles them.
const pragma = "PRAGMA"

// connector opens connections that compile a query once, whoever sends it. Most statements take SQLite longer to compile
// than to run, and database/sql compiles each query of a transaction anew.
type connector struct{ driver.Connector }

// Connect opens a connection.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &connection{conn.(driverConn), map[string]statement{}}, nil
}

// driverConn and statement are what the driver implements beyond the required interfaces.
type (
	driverConn interface {
		driver.Conn
		driver.ConnBeginTx
		driver.ConnPrepareContext
		driver.Pinger
		driver.SessionResetter
		driver.Validator
	}
	statement interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	}
)

// connection is used by one goroutine at a time, as database/sql has it.
type connection struct {
	driverConn
	idle map[string]statement // by query
}

// ExecContext runs a query without its rows.
func (c *connection) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err := s.ExecContext(ctx, args)
	return result, errors.Join(err, c.keep(query, s))
}

// QueryContext runs a query. Its statement is busy until the rows are closed.
func (c *connection) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	r, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, errors.Join(err, c.keep(query, s))
	}
	return &rows{r, func() error { return c.keep(query, s) }}, nil
}

// Close closes the connection and the statements that it keeps.
func (c *connection) Close() error {
	var errs []error
	for _, s := range c.idle {
		errs = append(errs, s.Close())
	}
	clear(c.idle)
	return errors.Join(append(errs, c.driverConn.Close())...)
}

// take returns a statement that nobody else uses until keep.
func (c *connection) take(ctx context.Context, query string) (statement, error) {
	if s, ok := c.idle[query]; ok {
		delete(c.idle, query)
		return s, nil
	}
	s, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.(statement), nil
}

// keep puts a statement by, in the place of any other where there is no room.
func (c *connection) keep(query string, s statement) (err error) {
	if len(query) >= len(pragma) && strings.EqualFold(query[:len(pragma)], pragma) {
		return s.Close()
	}
	if former, ok := c.idle[query]; ok { // compiled while this one was busy
		err = former.Close()
	} else if len(c.idle) == keptStatements {
		for other, former := range c.idle {
			delete(c.idle, other)
			err = former.Close()
			break
		}
	}
	c.idle[query] = s
	return err
}

// rows are those of a statement that is kept.
type rows struct {
	driver.Rows
	keep func() error
}

// Close ends the query.
func (r *rows) Close() error { return errors.Join(r.Rows.Close(), r.keep()) }
