package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen/companions"
)

func newListCommand(s *session) *cobra.Command {
	limit, since := 0, time.Duration(0)
	cmd := &cobra.Command{
		Use:   "list [TEXT]",
		Short: "List the assets of the project, the newest first",
		Long: `Lists the assets of the project, or those with TEXT in their title or description, the
newest first, in the form of vod status.`,
		Example: `  vod list
  vod list holiday --since 24h
  vod list --limit 0 -o json | jq -r .asset_id`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage(cmd, "vod list takes one TEXT; put several words in quotes")
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if limit < 0 || since < 0 {
				return usage(cmd, "--limit and --since must not be negative")
			}
			var search client.Search
			if len(args) == 1 {
				search.Text = args[0]
			}
			if since > 0 {
				search.From = time.Now().Add(-since)
			}
			return s.list(cmd.Context(), search, limit)
		},
	}
	cmd.Flags().IntVarP(&limit, "limit", "n", 50, "list `N` assets at most; 0 is all of them")
	cmd.Flags().DurationVar(&since, "since", 0, "only assets that are younger than `TIME`, such as 24h")
	return cmd
}

func (s *session) list(ctx context.Context, search client.Search, limit int) error {
	c, err := s.client()
	if err != nil {
		return err
	}
	ctx, cancel := s.limit(ctx)
	defer cancel()
	var table []companions.AssetInfo // as columns need all their lines
	listed := 0
	for info, err := range c.Search(ctx, search) {
		if err != nil {
			return err
		}
		if limit > 0 && listed == limit {
			s.note("there are more; --limit 0 lists all")
			break
		}
		listed++
		if s.table && !s.options.json() {
			table = append(table, info)
		} else if err := s.printAssets([]companions.AssetInfo{info}); err != nil {
			return err
		}
	}
	switch {
	case listed == 0:
		s.note("there is no such asset; vod dump obs://BUCKET/KEY makes one")
	case len(table) > 0:
		return s.printTable(table)
	}
	return nil
}
