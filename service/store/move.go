package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ErrNotEmpty means that the database to move into has been used already.
var ErrNotEmpty = errors.New("the database to move into is not empty")

// tables are those of this package, in the order in which they refer to each
// other, each with the column that numbers its rows, if one does.
var tables = []struct{ name, identity string }{
	{"category", "id"}, {"asset", "seq"}, {"stage", "ordinal"}, {"idempotency", ""}, {"bucket_authorization", ""},
	{"file", ""}, {"event", ""}, {"preheat", ""}, {"deletion", ""}, {"keyring", ""}, {"upload", ""}, {"sweep", ""},
}

// Object names an object of the object store.
type Object struct{ Bucket, Key string }

// Version tells the versions of an object apart.
type Version struct {
	ETag    string
	ModTime time.Time
}

// Move copies everything from another database into this one, which must be new
// (ErrNotEmpty), and queues what is still to be done, all in one transaction. The
// queue of neither may be working. versions has those objects whose version is another
// one now, because they were copied into another object store; nil has none. It returns
// the number of assets.
func (s *Store) Move(ctx context.Context, from *Store, versions map[Object]Version) (assets int, err error) {
	ctx = context.WithValue(ctx, patient{}, true)
	err = s.update(ctx, func(tx *writeTx) error {
		var used bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM asset) OR EXISTS (SELECT 1 FROM keyring)`).Scan(&used); err != nil {
			return err
		}
		if used {
			return ErrNotEmpty
		}
		return from.snapshot(ctx, func(old *sql.Tx) error {
			for _, table := range tables {
				if err := moveTable(ctx, tx, old, table.name, table.identity, versions); err != nil {
					return fmt.Errorf("table %s: %w", table.name, err)
				}
				if table.identity == "" || s.dialect.renumber == nil {
					continue
				}
				if err := s.dialect.renumber(ctx, tx.Tx, table.name, table.identity); err != nil {
					return fmt.Errorf("number the rows of %s: %w", table.name, err)
				}
			}
			if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM asset`).Scan(&assets); err != nil {
				return err
			}
			// The numbers of the other queue's jobs are those of other jobs in this one.
			for _, forget := range []string{`UPDATE asset SET job_id = 0`, `UPDATE deletion SET job_id = 0, process_job = 0`} {
				if _, err := tx.ExecContext(ctx, forget); err != nil {
					return fmt.Errorf("forget the former jobs: %w", err)
				}
			}
			return s.moveJobs(ctx, tx, old, from.queue)
		})
	})
	if err != nil {
		return 0, fmt.Errorf("move the database: %w", err)
	}
	return assets, nil
}

// moveJobs queues what the other queue has still to do.
func (s *Store) moveJobs(ctx context.Context, tx *writeTx, old *sql.Tx, from Queue) error {
	pending, err := from.Pending(ctx, old)
	if err != nil {
		return fmt.Errorf("read the queue: %w", err)
	}
	for _, job := range pending {
		id, err := s.enqueue(ctx, tx, job)
		if err != nil {
			return fmt.Errorf("queue a job: %w", err)
		}
		for _, k := range keepers {
			if k.kind == job.Kind {
				err = k.assign(ctx, tx, job.ID, id)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// moveTable copies the rows of one table, whose columns have the same names in both databases, in the order of their numbers:
// SQLite's asset_text takes new assets for the last ones.
func moveTable(ctx context.Context, tx *writeTx, old *sql.Tx, table, identity string, versions map[Object]Version) (err error) {
	query := `SELECT * FROM ` + table //nolint:gosec // one of ours
	if identity != "" {
		query += ` ORDER BY ` + identity
	}
	rows, err := old.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	var marks params
	values, into := make([]any, len(columns)), make([]any, len(columns))
	placeholders := make([]string, len(columns))
	for i := range columns {
		into[i], placeholders[i] = &values[i], marks.add(nil)
	}
	insert, err := tx.PrepareContext(ctx, `INSERT INTO `+table+` (`+strings.Join(columns, ", ")+`) VALUES (`+strings.Join(placeholders, ", ")+`)`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	update := versionUpdate(columns, versions)
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		update(values)
		if _, err := insert.ExecContext(ctx, values...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// versionUpdate returns what gives a row with these columns the present version of the object that it describes.
func versionUpdate(columns []string, versions map[Object]Version) func(values []any) {
	at := func(name string) int {
		return slices.IndexFunc(columns, func(column string) bool { return column == name || column == "media_"+name })
	}
	bucket, key, etag, modified := at("bucket"), at("key"), at("etag"), at("modified")
	if min(bucket, key, etag, modified) < 0 {
		return func([]any) {}
	}
	return func(values []any) {
		b, _ := values[bucket].(string)
		k, _ := values[key].(string)
		if now, ok := versions[Object{b, k}]; ok {
			values[etag], values[modified] = now.ETag, msOf(now.ModTime)
		}
	}
}

// TakeVersions has the database know the versions that its files have now, because they were copied into another object
// store, all in one transaction. It returns the number of those that it knows.
func (s *Store) TakeVersions(ctx context.Context, versions map[Object]Version) (files int, err error) {
	ctx = context.WithValue(ctx, patient{}, true)
	err = s.update(ctx, func(tx *writeTx) error {
		rows, err := s.read.QueryContext(ctx, `
			SELECT id, '', media_bucket, media_key FROM asset WHERE media_key <> '' UNION ALL SELECT asset_id, name, bucket, key FROM file`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // its error is that of rows.Err
		for rows.Next() {
			var id, name string
			var o Object
			if err := rows.Scan(&id, &name, &o.Bucket, &o.Key); err != nil {
				return err
			}
			now, ok := versions[o]
			if !ok {
				continue
			}
			files++
			if name == "" {
				_, err = tx.ExecContext(ctx, `UPDATE asset SET media_etag = $1, media_modified = $2 WHERE id = $3`, now.ETag, msOf(now.ModTime), id)
			} else {
				_, err = tx.ExecContext(ctx, `UPDATE file SET etag = $1, modified = $2 WHERE asset_id = $3 AND name = $4`, now.ETag, msOf(now.ModTime), id, name)
			}
			if err != nil {
				return err
			}
		}
		return rows.Err()
	})
	if err != nil {
		return 0, fmt.Errorf("take the versions of files: %w", err)
	}
	return files, nil
}
