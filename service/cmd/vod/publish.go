package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen/companions"
)

// statusChange is the method of a client that changes the status of assets.
type statusChange func(c *client.Client, ctx context.Context, ids ...string) ([]companions.AssetInfo, error)

func newPublishCommand(s *session) *cobra.Command {
	return s.statusCommand("publish", (*client.Client).Publish, companions.AssetStatusPublished, &cobra.Command{
		Short: "Make assets playable by URL",
		Long: `Publishes assets that are finished. One line per asset is printed, as vod status does;
the exit code is 8 when one could not be published. Publishing twice changes nothing.`,
	})
}

func newUnpublishCommand(s *session) *cobra.Command {
	return s.statusCommand("unpublish", (*client.Client).Unpublish, companions.AssetStatusCreated, &cobra.Command{
		Short: "Make assets unreachable by URL, and keep them",
		Long: `Takes published assets off the air. One line per asset is printed, as vod status does;
the exit code is 8 when one could not be changed. Caches may hold their files for an
hour.`,
	})
}

func (s *session) statusCommand(verb string, change statusChange, want companions.AssetStatus, cmd *cobra.Command) *cobra.Command {
	cmd.Use = verb + " ID..."
	cmd.Args = assetIDs
	cmd.ValidArgsFunction = s.completeAssets
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := s.client()
		if err != nil {
			return err
		}
		ctx, cancel := s.limit(cmd.Context())
		defer cancel()
		unchanged := 0
		for ids := range slices.Chunk(args, assetsPerCall) {
			infos, err := change(c, ctx, ids...)
			if err != nil {
				return err
			}
			if err := s.printAssets(infos); err != nil {
				return err
			}
			for _, info := range infos {
				if info.Status != want {
					unchanged++
				}
			}
		}
		if unchanged > 0 {
			return &failure{
				code: exitRejected, what: "vod " + verb + " left " + count(unchanged, "asset") + " as it was",
				next: "the remark of each asset above says why; vod status ID shows all that is known of it",
			}
		}
		return nil
	}
	return cmd
}
