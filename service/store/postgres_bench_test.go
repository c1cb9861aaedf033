//go:build unix

package store_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"sync"
	"testing"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/internal/sidebyside"
	"github.com/vod-reproduction/vod/service/store/storetest"
)

// BenchmarkBesidePostgres accepts requests beside the least that records the same: as many callers that insert the same rows
// with prepared statements, each request in a transaction, on the same server, which syncs its disk.
func BenchmarkBesidePostgres(b *testing.B) {
	const callers, calls, turns = 64, 640, 8
	server := servicetest.StartPostgres(b, "-c", "fsync=on")
	many, bare := postgres(b, server), postgres(b, server)
	insert := newCopies(b, bare)
	together := accepting(b, many, callers)
	b.Run("accept into PostgreSQL, 64 callers at once, beside 64 that only insert", func(b *testing.B) {
		sidebyside.CompareTurns(b, calls, turns, together, func(n int) {
			var wg sync.WaitGroup
			for i := range callers {
				wg.Go(func() {
					for range (n + i) / callers {
						insert(b)
					}
				})
			}
			wg.Wait()
		})
	})
	b.Run("accept into PostgreSQL, 64 callers at once, beside one caller", func(b *testing.B) {
		sidebyside.CompareTurns(b, calls, turns, together, accepting(b, postgres(b, server), 1))
	})
}

func postgres(b *testing.B, server *servicetest.Postgres) *storetest.DB {
	b.Helper()
	return open(b, server.Create(b))
}

// newCopies accepts a request, and returns a function that inserts copies of its rows.
func newCopies(b *testing.B, s *storetest.DB) (insert func(*testing.B)) {
	b.Helper()
	request := storetest.NewAsset()
	request.Idempotency.Key = rand.Text()
	accepted := s.MustAccept(b, request)
	var statements []*sql.Stmt
	for _, each := range []struct{ table, rows string }{
		{"asset", "id = '" + accepted.ID + "'"},
		{"stage", "asset_id = '" + accepted.ID + "'"},
		{"idempotency", "asset_id = '" + accepted.ID + "'"},
		{"river_job", "$1 <> '' AND id = (SELECT job_id FROM asset WHERE id = '" + accepted.ID + "')"},
	} {
		var into, from string // the columns, but for those that number the rows
		if err := s.Write.QueryRowContext(b.Context(), `SELECT string_agg(column_name, ', '),
				string_agg(CASE WHEN column_name IN ('asset_id', 'key') OR column_name = 'id' THEN '$1' ELSE column_name END, ', ')
			FROM information_schema.columns WHERE table_name = $1 AND NOT (data_type = 'bigint' AND column_name IN ('seq', 'id', 'ordinal'))`, each.table).
			Scan(&into, &from); err != nil {
			b.Fatal(err)
		}
		statement, err := s.Write.PrepareContext(b.Context(), "INSERT INTO "+each.table+" ("+into+") SELECT "+from+" FROM "+each.table+" WHERE "+each.rows)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = statement.Close() })
		statements = append(statements, statement)
	}
	return func(b *testing.B) {
		tx, err := s.Write.BeginTx(context.Background(), nil)
		if err != nil {
			b.Error(err)
			return
		}
		id := rand.Text()
		for _, statement := range statements {
			if _, err := tx.StmtContext(context.Background(), statement).ExecContext(context.Background(), id); err != nil { //nolint:sqlclosecheck // closed with the transaction
				b.Error(err)
			}
		}
		if err := tx.Commit(); err != nil {
			b.Error(err)
		}
	}
}
