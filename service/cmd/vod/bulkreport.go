package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"unicode"

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
tabs; -o csv gives the same as a table with a header, -o json as JSON lines. In a
table control characters are written as escapes such as \n, and a cell that a
spreadsheet would compute begins with an apostrophe. The flags choose states;
without them the counts and the causes are shown.

A journal can be read while its run goes on.`,
		Args:        exactly("one JOURNAL"),
		Annotations: map[string]string{annotationFormat: outputCSV},
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
		if err = bulkFailure(err, path); errors.Is(err, bulk.ErrNotJournal) {
			return &failure{
				code: exitOther, what: path + " is no journal of vod bulk", cause: err,
				next: "give the file that the run named as its journal; by itself its name ends in .bulk.db",
			}
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
		write = func(i bulkItem) error { return table.Write(inert(i.cells())) }
	}
	for item, err := range journal.Items(ctx, states...) {
		if err != nil {
			return err
		}
		line, err := reportedItem(ctx, journal, item)
		if err != nil {
			return err
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

// reportedItem is an item with all that the journal knows of it.
func reportedItem(ctx context.Context, journal *bulk.Journal, item bulk.Item) (line bulkItem, err error) {
	line = itemOf(item)
	if item.State == bulk.Refused {
		if line.Violations, err = journal.Violations(ctx, item); err != nil {
			return line, err
		}
		line.Message = line.Violations.Error()
	}
	return line, nil
}

func (i bulkItem) cells() []string {
	line := ""
	if i.Line > 0 {
		line = strconv.FormatInt(i.Line, 10)
	}
	return []string{line, i.State, i.Bucket, i.Object, i.Title, i.AssetID, i.Code, i.Message}
}

// formulas are the characters with which a cell begins that spreadsheets compute, or skip to find one that they do.
const formulas = "=+-@＝＋－＠\t\r\n"

// inert makes cells harmless to spreadsheets and terminals: control characters are written as escapes, and a cell that
// would be a formula begins with an apostrophe, which makes it text.
func inert(cells []string) []string {
	for i, cell := range cells {
		var b strings.Builder
		if strings.ContainsAny(firstRune(strings.TrimLeft(cell, " ")), formulas) {
			b.WriteByte('\'')
		}
		for _, c := range cell {
			if unicode.IsPrint(c) {
				b.WriteRune(c)
			} else {
				b.WriteString(strings.Trim(strconv.QuoteRune(c), "'"))
			}
		}
		cells[i] = b.String()
	}
	return cells
}

// firstRune returns the first character of a text, if there is one.
func firstRune(text string) string {
	for _, c := range text {
		return string(c)
	}
	return ""
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

// bulkCause is one reason for which items are refused, failed or ambiguous.
type bulkCause struct {
	State   string `json:"state"`
	Items   int64  `json:"items"`
	Field   string `json:"field,omitempty"`
	Rule    string `json:"rule,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message"`
	Next    string `json:"next,omitempty"`
	// Lines are the first lines of the manifest that it is about, Objects the addresses of objects of a bucket.
	Lines   []int64  `json:"lines,omitempty"`
	Objects []string `json:"objects,omitempty"`
}

func causesOf(ctx context.Context, journal *bulk.Journal) ([]bulkCause, error) {
	groups, err := journal.Groups(ctx)
	if err != nil {
		return nil, err
	}
	causes := make([]bulkCause, len(groups))
	for i, g := range groups {
		causes[i] = bulkCause{
			State: g.State.String(), Items: g.Items, Field: g.Field, Rule: g.Rule, Code: g.Code, Message: g.Message,
			Next: withCommand(bulk.Advice(g.State, g.Code), contract.Code(g.Code)),
		}
		for _, item := range g.Examples {
			switch in := item.Request().Input; {
			case item.Line > 0:
				causes[i].Lines = append(causes[i].Lines, item.Line)
			case in.Object != "":
				causes[i].Objects = append(causes[i].Objects, addressScheme+in.Bucket+"/"+in.Object)
			}
		}
	}
	return causes, nil
}

// place names where the cause was met: a few lines, or one object.
func (c bulkCause) place() string {
	all := make([]string, len(c.Lines))
	for i, line := range c.Lines {
		all[i] = strconv.FormatInt(line, 10)
	}
	noun := "line "
	switch {
	case len(all) > 1:
		noun = "lines "
	case len(all) == 0 && len(c.Objects) > 0:
		noun, all = "", c.Objects[:1]
	case len(all) == 0:
		return ""
	}
	if int64(len(all)) < c.Items {
		all = append(all, "...")
	}
	return " (" + noun + strings.Join(all, ", ") + ")"
}

// text is the cause as one line.
func (c bulkCause) text() string {
	what := c.Code
	if c.Rule != "" {
		what = firstOf(c.Field, "body") + " (" + c.Rule + ")"
	}
	line := fmt.Sprintf("%s %d%s: %s: %s", c.State, c.Items, c.place(), what, c.Message)
	if c.Next != "" {
		line += " · " + c.Next
	}
	return line
}

// bulkSummary prints counts and causes of a journal.
func (s *session) bulkSummary(ctx context.Context, journal *bulk.Journal) error {
	counts, err := journal.Counts(ctx)
	if err != nil {
		return err
	}
	causes, err := causesOf(ctx, journal)
	if err != nil {
		return err
	}
	if s.options.json() {
		return s.printJSON(bulkEvent{Event: "end", Counts: namedCounts(counts), Causes: causes})
	}
	if err := s.print(describeCounts(counts)); err != nil {
		return err
	}
	for _, cause := range causes {
		if err := s.print(printable(cause.text())); err != nil {
			return err
		}
	}
	return nil
}

// conclude reports the end of a run and returns its exit code.
func (b *bulkDump) conclude(ctx context.Context, journal *bulk.Journal, stopped error) error {
	ctx = context.WithoutCancel(ctx)
	shown := b.tellUnrecorded(stopped)
	counts, err := journal.Counts(ctx)
	causes, grouped := causesOf(ctx, journal)
	if err = errors.Join(shown, err, grouped); err != nil {
		if stopped != nil {
			err = stopped // it says more than that the end of the run cannot be shown
		}
		return bulkFailure(err, b.journal)
	}
	b.note("%s", describeCounts(counts))
	if !b.options.quiet {
		for _, cause := range causes {
			b.say("  ", cause.text())
		}
	}
	if b.options.json() {
		if err := b.printJSON(bulkEvent{Event: "end", Counts: namedCounts(counts), Causes: causes}); err != nil {
			return err
		}
	}
	if stopped != nil {
		return bulkFailure(stopped, b.journal)
	}
	return b.verdict(ctx, journal, counts)
}

// tellUnrecorded lists the assets that only the error knows, whatever the journal or a closed output do.
func (b *bulkDump) tellUnrecorded(stopped error) error {
	var unrecorded *bulk.UnrecordedError
	if !errors.As(stopped, &unrecorded) {
		return nil
	}
	for _, item := range unrecorded.Items {
		line := itemOf(item)
		b.say("  ", fmt.Sprintf("asset %s is that of %s%s/%s", line.AssetID, addressScheme, line.Bucket, line.Object))
	}
	if !b.options.json() {
		return nil
	}
	for _, item := range unrecorded.Items {
		line := itemOf(item)
		if err := b.printJSON(bulkEvent{Event: "unrecorded", Item: &line}); err != nil {
			return err
		}
	}
	return nil
}

// verdict is the worst that the journal holds.
func (b *bulkDump) verdict(ctx context.Context, journal *bulk.Journal, counts bulk.Counts) error {
	f := &failure{where: "journal " + b.journal}
	report := "vod bulk report " + b.journal
	switch {
	case counts[bulk.Ambiguous] > 0:
		f.code, f.what = exitUnknown, "the outcome of "+count(int(counts[bulk.Ambiguous]), "object")+" is not known; an asset may exist"
		f.next = report + " --ambiguous lists them; --retry-ambiguous sends them again, once you have looked"
	case counts[bulk.Failed] > 0:
		f.code, f.what = exitOther, count(int(counts[bulk.Failed]), "object")+" failed"
		f.next = report + " --failed lists them; --retry-failed sends them again"
		for item, err := range journal.Items(ctx, bulk.Failed) {
			if err == nil && item.AssetID != "" {
				f.code = exitJobFailed
				break
			}
		}
	case counts[bulk.Refused] > 0:
		f.code, f.what = exitRefused, count(int(counts[bulk.Refused]), "object")+" refused by the contract, and not sent"
		f.next = report + " --refused lists them; correct them and start again"
	default:
		return nil
	}
	return f
}
