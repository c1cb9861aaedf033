package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresDialect keeps everything on a server that many processes share.
var postgresDialect = dialect{
	kind: PostgreSQL, open: openPostgres, examine: examinePostgres, migrations: "migrations/postgres", alone: postgresAlone,
	groups: postgresGroups,
	placeholder: func(query []byte, number int) []byte {
		return strconv.AppendInt(append(query, '$'), int64(number), 10)
	},
	reading: sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead},
	search: func(args *params, text string) (from, cond, newest string) {
		return "FROM asset a", containsPostgres(args, postgresText, text), byAge
	},
	contains:  containsPostgres,
	replan:    `SET LOCAL plan_cache_mode = force_custom_plan`,
	indexText: indexPostgresText,
	forUpdate: " FOR UPDATE", forShare: " FOR SHARE",
	refuses: func(err error) bool {
		fault, ok := errors.AsType[*pgconn.PgError](err)
		// Data, constraints, limits, and triggers; see appendix A of PostgreSQL's manual.
		return ok && len(fault.Code) == 5 && slices.Contains([]string{"22", "23", "54", "P0"}, fault.Code[:2])
	},
	duplicate: func(err error) bool { return hasCode(err, "23505") },
	held:      func(err error) bool { return hasCode(err, "55P03") },
	lost: func(err error) bool {
		if errors.Is(err, sql.ErrTxDone) || errors.Is(err, pgx.ErrTxCommitRollback) {
			return false
		}
		fault, ok := errors.AsType[*pgconn.PgError](err)
		return !ok || fault.SeverityUnlocalized != "ERROR" // after others, the server closes the connection
	},
	renumber: func(ctx context.Context, tx *sql.Tx, table, column string) error {
		_, err := tx.ExecContext(ctx, fmt.Sprintf(`SELECT setval(pg_get_serial_sequence('%[1]s', '%[2]s'), coalesce(max(%[2]s), 0) + 1, false) FROM %[1]s`,
			table, column))
		return err
	},
}

// hasCode reports whether an error is that of the server with a code.
func hasCode(err error, code string) bool {
	fault, ok := errors.AsType[*pgconn.PgError](err)
	return ok && fault.Code == code
}

// postgresText is what is searched of an asset named a.
const postgresText = `a.title || E'\n' || a.source_key || E'\n' || a.tags`

// indexPostgresText needs an extension that comes with PostgreSQL, which not every server has and not every user may
// create: searches without it read all assets of a project. An index that is there is not made again: even then the
// statement would wait for everyone who writes, and have others wait for it.
func indexPostgresText(ctx context.Context, db *sql.DB) error {
	var there bool
	err := db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_indexes WHERE schemaname = current_schema() AND indexname = 'asset_by_text')`).Scan(&there)
	if err != nil || there {
		return err
	}
	for _, statement := range []string{
		`CREATE EXTENSION IF NOT EXISTS pg_trgm`,
		`CREATE INDEX IF NOT EXISTS asset_by_text ON asset USING gin (lower(` + strings.ReplaceAll(postgresText, "a.", "") + `) gin_trgm_ops)`,
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func containsPostgres(args *params, expression, text string) string {
	return "lower(" + expression + ") LIKE lower(" + args.add(part(text)) + `) ESCAPE '\'`
}

// migrationLock is the advisory lock of those who change tables.
const migrationLock = 0x766f64 // "vod"

const (
	// postgresConnections is how many connections a process uses, beside those of groups and the one that listens.
	postgresConnections = 16
	// postgresGroups is how many connections accept groups of requests. Fewer make larger groups; one would let all requests
	// wait for a connection that is stuck.
	postgresGroups = 4
	// connectTimeout bounds each try to reach the server.
	connectTimeout = 10 * time.Second
	// pingTimeout bounds the look whether a connection of the pool still leads anywhere.
	pingTimeout = 5 * time.Second
	// queryTimeout bounds a statement that has no deadline of its own. The system would wait for a server that is gone
	// without a word for a quarter of an hour.
	queryTimeout = 30 * time.Second
	// groupTimeout is queryTimeout for a group, whose requests have tries of their own after it.
	groupTimeout = 10 * time.Second
	// groupLockTimeout is how long a group waits for what another transaction holds: then all but those that need it go on.
	groupLockTimeout = 100 * time.Millisecond
	// idleInTransaction is when the server ends a connection that is idle in a transaction: its process sleeps, and its locks
	// would hold up those that take over its work. It is shorter than the silence after which they do.
	idleInTransaction = 10 * time.Second
)

func examinePostgres(ctx context.Context, dsn string) error {
	c, err := openPostgres(ctx, dsn)
	if err != nil {
		return err
	}
	return c.close()
}

func openPostgres(ctx context.Context, dsn string) (c connections, err error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		// pgx repeats the URL, whose password it may fail to find.
		return c, errors.New("the database's URL cannot be used: write postgres://USER:PASSWORD@HOST:PORT/NAME, with special characters percent-encoded")
	}
	config.ConnConfig.ConnectTimeout = connectTimeout
	config.MaxConns = postgresConnections
	listening := config.Copy()
	listening.MinConns, listening.MaxConns = 0, 1

	failed := func(err error) error {
		if _, ok := errors.AsType[*ConnectError](err); ok {
			return err
		}
		return &ConnectError{config.ConnConfig, err}
	}
	if err := checkPooler(ctx, config.ConnConfig); err != nil {
		return c, failed(err)
	}
	db := newPool(*config.ConnConfig, postgresConnections, queryTimeout, configure)
	c.write, c.read, c.groups = db, db, newPool(*config.ConnConfig, postgresGroups, groupTimeout, configureGroups)
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
			c = connections{}
		}
	}()
	var version int
	if err := db.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::integer`).Scan(&version); err != nil {
		return c, failed(err)
	}
	if err := checkVersion(version); err != nil {
		return c, failed(err)
	}
	c.listen, err = pgxpool.NewWithConfig(ctx, listening)
	return c, err
}

// ConnectError is a database that cannot be used.
type ConnectError struct {
	config *pgx.ConnConfig
	Err    error
}

// Error returns the database, never its password, and the reason on one line.
func (e *ConnectError) Error() string {
	// pgx has a line for each try: an address that refuses it is tried with TLS and without.
	tries := slices.Compact(strings.Split(e.Err.Error(), "\n\t"))
	reason := strings.NewReplacer(":; ", ": ", "\n", "; ").Replace(strings.Join(tries, "; "))
	return fmt.Sprintf("connect to the database %s at %s:%d: %s", e.config.Database, e.config.Host, e.config.Port, reason)
}

func (e *ConnectError) Unwrap() error { return e.Err }

// Refused reports whether no connection was made: the address, or who connects, is wrong, or the server does not run.
func (e *ConnectError) Refused() bool {
	_, ok := errors.AsType[*pgconn.ConnectError](e.Err)
	return ok
}

// oldestPostgres is the first version of PostgreSQL with all that is used here.
const oldestPostgres = 14

// checkVersion returns an error for a server that is too old, of which server_version_num is given: 140005 is 14.5, and 90603
// was 9.6.3.
func checkVersion(number int) error {
	if major := number / 10_000; major < oldestPostgres {
		return fmt.Errorf("the server is PostgreSQL %d, and at least %d is needed: upgrade it, or use another one", major, oldestPostgres)
	}
	return nil
}

// newPool returns a pool of a size, whose statements and connections have a limit and settings.
func newPool(config pgx.ConnConfig, size int, limit time.Duration, configure func(context.Context, *pgx.Conn) error) *sql.DB {
	config.Tracer = queryLimit(limit)
	db := sql.OpenDB(connector{
		stdlib.GetConnector(config, stdlib.OptionShouldPing(isGone), stdlib.OptionAfterConnect(configure)), &config,
	})
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db
}

// connector fails with a ConnectError.
type connector struct {
	driver.Connector
	config *pgx.ConnConfig
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, &ConnectError{c.config, err}
	}
	return conn, nil
}

// configure sets what the URL has not set. Poolers refuse such settings when a connection begins.
func configure(ctx context.Context, conn *pgx.Conn) error {
	for name, value := range map[string]string{
		"idle_in_transaction_session_timeout": strconv.FormatInt(idleInTransaction.Milliseconds(), 10),
		"jit":                                 "off", // it takes seconds, and every statement is over in less
	} {
		if conn.Config().RuntimeParams[name] != "" {
			continue
		}
		if err := set(ctx, conn, name, value); err != nil {
			return err
		}
	}
	return nil
}

// configureGroups is configure for connections that accept groups of requests.
func configureGroups(ctx context.Context, conn *pgx.Conn) error {
	if err := configure(ctx, conn); err != nil {
		return err
	}
	return set(ctx, conn, "lock_timeout", groupLockTimeout.String())
}

func set(ctx context.Context, conn *pgx.Conn, name, value string) error {
	if _, err := conn.Exec(ctx, `SELECT set_config($1, $2, false)`, name, value); err != nil {
		return fmt.Errorf("set %s: %w", name, err)
	}
	return nil
}

// queryLimit is how long each statement may take that has no limit of its own.
type queryLimit time.Duration

// endQuery is the key of what ends the context of a statement.
type endQuery struct{}

// patient is the key of a context whose statements may take long.
type patient struct{}

// TraceQueryStart implements pgx.QueryTracer.
func (l queryLimit) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	if _, ok := ctx.Deadline(); ok || ctx.Value(patient{}) != nil {
		return ctx
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(l))
	return context.WithValue(ctx, endQuery{}, cancel)
}

// TraceQueryEnd implements pgx.QueryTracer.
func (queryLimit) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	if cancel, ok := ctx.Value(endQuery{}).(context.CancelFunc); ok {
		cancel()
	}
}

// isGone pings a connection that was idle for a while, within a limit. One that fails is closed, which is what the driver
// finds when it pings in turn.
func isGone(ctx context.Context, p stdlib.ShouldPingParams) bool {
	if p.IdleDuration < time.Second {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	return p.Conn.PgConn().Ping(ctx) != nil
}

// postgresAlone holds an advisory lock on one connection while fn runs on others.
func postgresAlone(ctx context.Context, db *sql.DB, log *slog.Logger, fn func(context.Context) error) error {
	ctx = context.WithValue(ctx, patient{}, true)
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // back to the pool
	if err := lockMigrations(ctx, conn, log); err != nil {
		return fmt.Errorf("wait for other processes to migrate: %w", err)
	}
	err = fn(ctx)
	_, unlock := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, migrationLock)
	return errors.Join(err, unlock)
}

const (
	// migrationRetry is the pause between two tries to lock the migrations.
	migrationRetry = 250 * time.Millisecond
	// migrationReport is how often the log says that a start still waits for the lock.
	migrationReport = 30 * time.Second
)

// lockMigrations takes the lock for a connection. The log says at once, and from time to time, who else has it.
func lockMigrations(ctx context.Context, conn *sql.Conn, log *slog.Logger) error {
	var reported time.Time
	for begun := time.Now(); ; {
		var ours bool
		if err := conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1)`, migrationLock).Scan(&ours); err != nil || ours {
			return err
		}
		if time.Since(reported) > migrationReport {
			reported = time.Now()
			log.LogAttrs(ctx, slog.LevelWarn, "the start waits for another process that changes the tables of the database; "+
				"if that one hangs, stop it, or end its connection with pg_terminate_backend",
				slog.Any("connections", migrating(ctx, conn)), slog.Duration("waited", time.Since(begun).Round(time.Second)))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(migrationRetry):
		}
	}
}

// migrating returns the connections that have the lock: the number of each in PostgreSQL, where it comes from, and since when.
func migrating(ctx context.Context, conn *sql.Conn) []string {
	list, err := queryAll(ctx, conn, func(r *sql.Rows) (holder string, err error) { return holder, r.Scan(&holder) }, `
		SELECT concat_ws(' ', l.pid, 'from', coalesce(host(a.client_addr), 'this machine'), 'since', to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS TZ'))
		FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objid = $1 AND l.objsubid = 1
			AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`, migrationLock)
	if err != nil {
		return []string{"unknown: " + err.Error()}
	}
	return list
}
