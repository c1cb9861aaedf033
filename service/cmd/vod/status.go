package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
)

func newStatusCommand(s *session) *cobra.Command {
	watch, interval := false, time.Duration(0)
	cmd := &cobra.Command{
		Use:               "status ID...",
		ValidArgsFunction: s.completeAssets,
		Short:             "Show where assets stand",
		Long: `Shows the state of assets. On a terminal several assets make a table, and one is
shown with everything that is known about it. Otherwise there is one line an asset:
ID, state, title and remark, separated by tabs. With -o json each line is an entry
of the API's asset_info_array.

With --watch a line is printed for each change, until all assets have settled; the
exit code is 6 when one of them has failed. On a terminal, bars show how far the
steps are. Without --watch, the exit code says whether the states could be read;
it is 8 when an asset does not exist.`,
		Args: assetIDs,
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
	cmd.Flags().DurationVar(&interval, "interval", 5*time.Second, "polling interval of --watch, a `TIME`")
	return cmd
}

// assetsPerCall is how many assets one request of the API can be about.
const assetsPerCall = 10

// assetIDs requires the IDs of assets, and that all of them can be such, before anything is done with one.
func assetIDs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return &failure{
			code: exitUsage, what: cmd.CommandPath() + " takes the ID of one asset or more",
			next: "vod list shows the IDs of the project's assets; " + cmd.CommandPath() + " --help explains the command",
		}
	}
	var violations contract.Violations
	for i, id := range args {
		place := fmt.Sprintf("asset_id[%d]", i)
		for _, v := range contract.Check(&companions.DeleteAssetsParams{AssetID: []string{id}}) {
			v.Field = place
			violations = append(violations, v)
		}
		if strings.Contains(id, ",") { // on the wire it would be several
			violations = append(violations, contract.Violation{Field: place, Rule: "pattern", Message: "must be a single ID"})
		}
	}
	if len(violations) > 0 {
		return &client.ValidationError{Op: cmd.Name(), Violations: violations}
	}
	return nil
}

// look asks for the state of any number of assets, in their order.
func look(ctx context.Context, c *client.Client, ids []string) ([]companions.AssetInfo, error) {
	var infos []companions.AssetInfo
	for some := range slices.Chunk(ids, assetsPerCall) {
		found, err := c.Assets(ctx, some...)
		if err != nil {
			return nil, err
		}
		infos = append(infos, found...)
	}
	return infos, nil
}

func (s *session) status(ctx context.Context, c *client.Client, ids []string) error {
	infos, err := look(ctx, c, ids)
	if err != nil {
		return err
	}
	if !s.options.json() && s.table && len(infos) == 1 {
		err = s.printAsset(infos[0])
	} else {
		err = s.printAssets(infos)
	}
	if err != nil {
		return err
	}
	return unknownAssets(infos)
}

// printAssets prints assets as a table for people, and else in lines.
func (s *session) printAssets(infos []companions.AssetInfo) error {
	if !s.options.json() && s.table {
		return s.printTable(infos)
	}
	for _, info := range infos {
		if err := s.printChange(info, statusLine(info)); err != nil {
			return err
		}
	}
	return nil
}

// unknownAssets returns a failure when some of the assets do not exist.
func unknownAssets(infos []companions.AssetInfo) error {
	var unknown []string
	for _, info := range infos {
		if info.Status == companions.AssetStatusNoAsset {
			unknown = append(unknown, info.AssetID)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return &failure{
		code: exitRejected,
		what: "there is no asset " + strings.Join(unknown, ", ") + " in this project",
		next: "check the ID and the project; vod list shows the assets of the project",
	}
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

// watch prints every change of the assets until none moves any more. On a terminal, bars below that show how far their
// steps are.
func (s *session) watch(ctx context.Context, c *client.Client, ids []string, interval time.Duration) error {
	last := map[string]string{}
	failed := 0
	var unknown []companions.AssetInfo
	moving := ids
	steps := s.newBoard()
	defer steps.clear()
	for {
		infos, err := look(ctx, c, moving)
		if err != nil {
			return stopped(ctx, ids, err)
		}
		moving = nil
		steps.clear()
		for _, info := range infos {
			switch phase := client.PhaseOf(info.Status); {
			case phase == client.InProgress:
				moving = append(moving, info.AssetID)
			case info.Status == companions.AssetStatusNoAsset:
				unknown = append(unknown, info)
			case phase == client.Failed:
				failed++
			}
			line := statusLine(info)
			if steps != nil {
				line = lineOf(info, valueOf(info.Description))
			}
			if last[info.AssetID] == line {
				continue
			}
			last[info.AssetID] = line
			if err := s.printChange(info, line); err != nil {
				return err
			}
		}
		if steps != nil {
			steps.draw(steps.rates.bars(infos, time.Now()))
		}
		if len(moving) == 0 {
			break
		}
		select {
		case <-ctx.Done():
			return stopped(ctx, ids, ctx.Err())
		case <-time.After(interval):
		}
	}
	if failed > 0 {
		return &failure{
			code: exitJobFailed, what: fmt.Sprintf("%s failed", count(failed, "asset")), next: "the remark of each asset above says why",
		}
	}
	return unknownAssets(unknown)
}

func (s *session) printChange(info companions.AssetInfo, line string) error {
	if s.options.json() {
		return s.printJSON(info)
	}
	return s.print(line)
}

// printAsset shows a person all that is known about one asset.
func (s *session) printAsset(info companions.AssetInfo) error {
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			_, _ = fmt.Fprintf(w, "%s\t%s\n", name, printable(value)) // the writer keeps its first error for Flush
		}
	}
	row("asset", info.AssetID)
	row("state", string(info.Status))
	row("remark", valueOf(info.Description))
	if base := info.BaseInfo; base != nil {
		row("title", valueOf(base.Title))
		row("type", valueOf(base.VideoType))
		row("category", valueOf(base.CategoryName))
		row("tags", valueOf(base.Tags))
		row("created", readableTime(valueOf(base.CreateTime)))
		row("changed", readableTime(valueOf(base.LastModified)))
		row("url", valueOf(base.VideoURL))
		row("page", s.pages.last())
		for _, step := range base.Processing {
			row("step "+printable(step.Name), describeStep(step))
		}
	}
	for _, play := range info.PlayInfoArray {
		row("plays "+printable(valueOf(play.PlayType)), valueOf(play.URL))
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

// current returns the step that is being worked on, nil when there is none.
func current(info companions.AssetInfo) *companions.ProcessingStep {
	if info.BaseInfo == nil {
		return nil
	}
	for i, step := range info.BaseInfo.Processing {
		if step.State == companions.StepStateRunning {
			return &info.BaseInfo.Processing[i]
		}
	}
	return nil
}

// describeStep says how far a step is.
func describeStep(step companions.ProcessingStep) string {
	text := string(step.State)
	if total := valueOf(step.Total); total > 0 {
		text += fmt.Sprintf(", %d of %d bytes", valueOf(step.Bytes), total)
	} else if step.State == companions.StepStateRunning && step.Progress != nil {
		text += fmt.Sprintf(", %d %%", *step.Progress)
	}
	if fault := valueOf(step.Error); fault != "" {
		text += ": " + fault
	}
	return text
}

// readableTime writes a time of the API for people; what is none is left as it is.
func readableTime(text string) string {
	t, err := time.Parse(contract.TimeLayout, text)
	if err != nil {
		return text
	}
	return t.Format(time.RFC3339)
}
