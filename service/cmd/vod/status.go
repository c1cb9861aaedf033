package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen/companions"
)

func newStatusCommand(s *session) *cobra.Command {
	watch, interval := false, time.Duration(0)
	cmd := &cobra.Command{
		Use:   "status ID...",
		Short: "Show where assets stand",
		Long: `Shows the state of assets. On a terminal several assets make a table, and one is
shown with everything that is known about it. Otherwise there is one line an asset:
ID, state, title and remark, separated by tabs. With -o json each line is an entry
of the API's asset_info_array.

With --watch a line is printed for each change, until no asset moves any more; the
exit code is 6 when one of them has failed. On a terminal, bars show how far the
steps are. Without --watch, the exit code only tells whether the question was
answered.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(cmd, "vod status takes the ID of one asset or more")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if interval <= 0 {
				return usage(cmd, "--interval must be positive")
			}
			c, err := s.client()
			if err != nil {
				return err
			}
			ctx, cancel := s.limit(cmd.Context())
			defer cancel()
			if watch {
				return s.watch(ctx, c, args, interval)
			}
			return s.status(ctx, c, args)
		},
	}
	cmd.Flags().BoolVarP(&watch, "watch", "w", false, "go on until no asset changes any more")
	cmd.Flags().DurationVar(&interval, "interval", 5*time.Second, "`TIME` between two looks of --watch")
	return cmd
}

// assetsPerCall is how many assets one call of the API tells about.
const assetsPerCall = 10

// look asks for the state of any number of assets, in their order.
func look(ctx context.Context, c *client.Client, ids []string) ([]companions.AssetInfo, error) {
	var infos []companions.AssetInfo
	for len(ids) > 0 {
		n := min(len(ids), assetsPerCall)
		some, err := c.Assets(ctx, ids[:n]...)
		if err != nil {
			return nil, err
		}
		infos, ids = append(infos, some...), ids[n:]
	}
	return infos, nil
}

func (s *session) status(ctx context.Context, c *client.Client, ids []string) error {
	infos, err := look(ctx, c, ids)
	switch {
	case err != nil:
		return err
	case s.options.json():
		for _, info := range infos {
			if err := s.printJSON(info); err != nil {
				return err
			}
		}
		return nil
	case !s.table:
		for _, info := range infos {
			if err := s.print(statusLine(info)); err != nil {
				return err
			}
		}
		return nil
	case len(infos) == 1:
		return s.printAsset(infos[0])
	}
	return s.printTable(infos)
}

// statusLine is the plain line of an asset. Its fields hold no tabs.
func statusLine(info companions.AssetInfo) string { return lineOf(info, remark(info)) }

func lineOf(info companions.AssetInfo, remark string) string {
	return strings.Join([]string{printable(info.AssetID), printable(string(info.Status)), printable(titleOf(info)), printable(remark)}, "\t")
}

func (s *session) printTable(infos []companions.AssetInfo) error {
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "ID\tSTATE\tTITLE\tREMARK") // the writer keeps its first error for Flush
	for _, info := range infos {
		_, _ = fmt.Fprintln(w, statusLine(info))
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

func titleOf(info companions.AssetInfo) string {
	if info.BaseInfo == nil {
		return ""
	}
	return valueOf(info.BaseInfo.Title)
}

// remark says what the server does or why it failed.
func remark(info companions.AssetInfo) string {
	if text := valueOf(info.Description); text != "" {
		return text
	}
	if step := current(info); step != nil {
		return step.Name + " " + describeStep(*step)
	}
	return ""
}

func valueOf[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
