package main

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen/companions"
)

// deletion is one "vod delete" as its command line gave it.
type deletion struct {
	*session
	yes, dryRun bool
}

func newDeleteCommand(s *session) *cobra.Command {
	d := &deletion{session: s}
	cmd := &cobra.Command{
		Use:   "delete ID...",
		Short: "Delete assets with their files",
		Long: `Deletes assets with all that was made of them; work on them stops. The objects that
they were dumped from stay in their buckets. On a terminal the assets are shown
first, and nothing is deleted before you have agreed; elsewhere --yes is needed.

One line per asset is printed, ID and DELETED or FAILED, separated by a tab; the exit
code is 8 when one was not deleted.`,
		Example: `  vod delete f488337c31c8e4622f1590735b134c65
  vod list old -o json | jq -r .asset_id | xargs vod delete --yes`,
		Args:              assetIDs,
		ValidArgsFunction: s.completeAssets,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !d.yes && !d.dryRun {
				if err := s.canAsk(cmd, "look with --dry-run, then add --yes"); err != nil {
					return err
				}
			}
			c, err := s.client()
			if err != nil {
				return err
			}
			ctx, cancel := s.limit(cmd.Context())
			defer cancel()
			return d.run(ctx, c, args)
		},
	}
	cmd.Flags().BoolVarP(&d.yes, "yes", "y", false, "delete without asking")
	cmd.Flags().BoolVar(&d.dryRun, "dry-run", false, "only show the assets")
	return cmd
}

func (d *deletion) run(ctx context.Context, c *client.Client, ids []string) error {
	if d.dryRun {
		d.note("nothing is deleted in a dry run")
		return d.status(ctx, c, ids)
	}
	if !d.yes {
		if err := d.confirm(ctx, c, ids); err != nil {
			return err
		}
	}
	kept := 0
	for some := range slices.Chunk(ids, assetsPerCall) {
		results, err := c.Delete(ctx, some...)
		if err != nil {
			return err
		}
		for _, result := range results {
			if result.Status != companions.DeleteStatusDeleted {
				kept++
			}
			if err := d.printResult(result); err != nil {
				return err
			}
		}
	}
	if kept > 0 {
		return &failure{
			code: exitRejected, what: count(kept, "asset") + " not deleted",
			next: "vod status ID shows whether the asset exists in this project; the cloud deletes none that is still being worked on",
		}
	}
	return nil
}

// confirm shows the assets and asks.
func (d *deletion) confirm(ctx context.Context, c *client.Client, ids []string) error {
	infos, err := look(ctx, c, ids)
	if err != nil {
		return err
	}
	for _, info := range infos {
		d.say("  ", strings.ReplaceAll(statusLine(info), "\t", "  "))
	}
	return d.agree(ctx, "delete "+count(len(ids), "asset")+" with all files?")
}

// canAsk returns an error where nobody can be asked before a command deletes something.
func (s *session) canAsk(cmd *cobra.Command, next string) error {
	if s.asks && !s.inTaken {
		return nil
	}
	return &failure{
		code: exitUsage, next: next,
		what: cmd.CommandPath() + " cannot ask whether you are sure: standard input is no terminal; nothing was deleted",
	}
}

// agree asks a question. Any response but yes is an error, and nothing has been done.
func (s *session) agree(ctx context.Context, question string) error {
	_, _ = fmt.Fprintf(s.err, "vod: %s [y/N] ", printable(question)) // the person sees it or not
	line, _ := bufio.NewReader(s.in).ReadString('\n')
	if ctx.Err() != nil {
		return ctx.Err() //nolint:wrapcheck // it says all
	}
	if response := strings.ToLower(strings.TrimSpace(line)); response != "y" && response != "yes" {
		return &failure{code: exitOther, what: "nothing was deleted, as you did not agree", next: "type y and Enter to agree, or give --yes"}
	}
	return nil
}

func (d *deletion) printResult(result companions.DeleteResult) error {
	if d.options.json() {
		return d.printJSON(result)
	}
	return d.print(printable(result.AssetID) + "\t" + printable(string(result.Status)))
}
