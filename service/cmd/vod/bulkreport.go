package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/service/bulk"
)

func newBulkReportCommand(s *session) *cobra.Command {
	chosen := map[bulk.State]*bool{}
	cmd := &cobra.Command{
		Use:   "report JOURNAL",
		Short: "List what became of the objects of a run",
		Long: `Lists the objects in the journal of a run: one line an object, with line of the
manifest, state, bucket, object, title, asset ID, code and message, separated by
tabs; -o csv gives the same as a table with a header, -o json as JSON lines. The
flags choose states; without them the counts and the causes are shown.

A journal can be read while its run goes on.`,
		Args:        exactly("one JOURNAL"),
		Annotations: map[string]string{annotationCSV: ""},
		RunE: func(cmd *cobra.Command, args []string) error {
			var states []bulk.State
			for _, state := range bulk.States {
				if on := chosen[state]; *on {
					states = append(states, state)
				}
			}
			return s.bulkReport(cmd.Context(), args[0], states)
		},
	}
	for _, state := range bulk.States {
		chosen[state] = cmd.Flags().Bool(state.String(), false, "list what is "+state.String())
	}
	return cmd
}

func (s *session) bulkReport(ctx context.Context, path string, states []bulk.State) error {
	journal, err := bulk.OpenReader(ctx, path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return unreadable(path, fs.ErrNotExist)
		}
		return err
	}
	defer func() { _ = journal.Close() }()
	if len(states) == 0 && s.options.output != outputCSV {
		return s.bulkSummary(ctx, journal)
	}
	if len(states) == 0 {
		states = bulk.States
	}
	write := func(i bulkItem) error { return s.print(i.row()) }
	switch {
	case s.options.json():
		write = func(i bulkItem) error { return s.printJSON(i) }
	case s.options.output == outputCSV:
		table := csv.NewWriter(s.out)
		defer table.Flush()
		if err := table.Write(bulkColumns); err != nil {
			return fmt.Errorf("writing the result: %w", err)
		}
		write = func(i bulkItem) error { return table.Write(i.cells()) }
	}
	for item, err := range journal.Items(ctx, states...) {
		if err != nil {
			return err
		}
		line := itemOf(item)
		if item.State == bulk.Refused {
			if line.Violations, err = journal.Violations(ctx, item); err != nil {
				return err
			}
			line.Message = line.Violations.Error()
		}
		if err := write(line); err != nil {
			return fmt.Errorf("writing the result: %w", err)
		}
	}
	return nil
}

// bulkItem is an item as it is shown, and a line of "vod bulk report -o json".
type bulkItem struct {
	Line       int64               `json:"line,omitempty"`
	State      string              `json:"state"`
	Bucket     string              `json:"bucket,omitempty"`
	Object     string              `json:"object,omitempty"`
	Title      string              `json:"title,omitempty"`
	AssetID    string              `json:"asset_id,omitempty"`
	Code       string              `json:"code,omitempty"`
	Message    string              `json:"message,omitempty"`
	Changed    bool                `json:"changed,omitempty"`
	Violations contract.Violations `json:"violations,omitempty"`
}

var bulkColumns = []string{"line", "state", "bucket", "object", "title", "asset_id", "code", "message"}

func itemOf(item bulk.Item) bulkItem {
	r := item.Request()
	return bulkItem{
		Line: item.Line, State: item.State.String(), Bucket: r.Input.Bucket, Object: r.Input.Object, Title: r.Title,
		AssetID: item.AssetID, Code: item.Code, Message: item.Message, Changed: item.Changed,
	}
}

func (i bulkItem) cells() []string {
	line := ""
	if i.Line > 0 {
		line = strconv.FormatInt(i.Line, 10)
	}
	return []string{line, i.State, i.Bucket, i.Object, i.Title, i.AssetID, i.Code, i.Message}
}

func (i bulkItem) row() string {
	row := ""
	for n, cell := range i.cells() {
		if n > 0 {
			row += "\t"
		}
		row += printable(cell)
	}
	return row
}
