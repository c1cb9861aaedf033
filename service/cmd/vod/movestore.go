package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"
)

func newMoveStoreCommand(s *session) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "move-store",
		Short: "Take over media that was copied to another object store",
		Long: `move-store has the database know the ETags and times that its media has in the S3 service
that store.endpoint of the configuration names. Without it, vod serve refuses the media
as changed.

Stop the service before, and copy its media there under the same names of buckets and
keys: the folders of store/objects in the data directory are the buckets of the embedded
store. Nothing is changed while a file is missing in the service's own bucket; those
missing in other buckets are counted.`,
		Example: "  vod move-store --data-dir vod-data",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := s.newMove(f)
			if err != nil {
				return err
			}
			if m.Service.Store.Endpoint == "" {
				return &failure{code: exitUsage, what: "the configuration names no object store to move to", next: "set store.endpoint and its keys"}
			}
			n, err := m.Store(cmd.Context())
			if err != nil {
				return startFailure(f.dir, err)
			}
			_, err = fmt.Fprintf(s.out, "the database knows %s as in the S3 service\nnext: put %s away, if it is there, and start the service\n",
				count(n, "file"), filepath.Join(f.dir, "store"))
			return err
		},
	}
	cmd.Flags().StringVar(&f.dir, "data-dir", defaultDataDir, "data directory of the service")
	cmd.Flags().StringVar(&f.config, "config", "", "configuration file (default: vod.yaml in the data directory)")
	return cmd
}
