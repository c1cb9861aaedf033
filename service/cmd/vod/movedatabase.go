package main

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/server"
)

func newMoveDatabaseCommand(s *session) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "move-database",
		Short: "Move the database of a data directory to PostgreSQL",
		Long: `move-database copies everything from vod.db in the data directory into the PostgreSQL
database that the configuration or VOD_DATABASE names: assets, files, keys, and the work
that is still to be done. Stop the service before. vod.db stays as it is.

Media does not move: processes that share a database need an S3 service that all reach.
Copy it there before, under the same names of buckets and keys. The database takes the
ETags and times that it has there. Nothing is moved while a file is missing in the
service's own bucket; those missing in other buckets are counted.`,
		Example: "  VOD_DATABASE=postgres://vod:PASSWORD@db.example.com/vod vod move-database --data-dir vod-data",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := s.newMove(f)
			if err != nil {
				return err
			}
			if m.Service.Database == "" {
				return &failure{code: exitUsage, what: "the configuration names no database to move to", next: "set VOD_DATABASE to its postgres:// URL"}
			}
			n, err := m.Database(cmd.Context())
			if err != nil {
				return startFailure(f.dir, err)
			}
			_, err = fmt.Fprintf(s.out, "moved %d assets from %s\nnext: put %[2]s away, and start the service with the same VOD_DATABASE, or write database into %s\n",
				n, filepath.Join(f.dir, "vod.db"), config.FileName)
			return err
		},
	}
	cmd.Flags().StringVar(&f.dir, "data-dir", defaultDataDir, "the data directory to move from")
	cmd.Flags().StringVar(&f.config, "config", "", "configuration file (default: vod.yaml in the data directory)")
	return cmd
}

// newMove is a move of a service with the configuration of the flags. It says from time to time how far it is.
func (s *session) newMove(f serveFlags) (server.Move, error) {
	settings, fresh, err := loadSettings(f)
	switch {
	case fresh:
		return server.Move{}, noConfiguration(f)
	case err != nil:
		return server.Move{}, configFailure(err)
	}
	said := time.Now()
	return server.Move{
		Dir: f.dir, Service: settings, Log: slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Asked: func(files int) {
			if now := time.Now(); now.Sub(said) >= lineEvery {
				s.note("asked the S3 service for %s", count(files, "file"))
				said = now
			}
		},
	}, nil
}
