package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/service/bulk"
	"github.com/vod-reproduction/vod/signer"
)

// plan makes the plan in a journal that is thrown away, so that it is exactly the one of a run. What was sent before is
// taken from the run's journal, if there is one.
func (b *bulkDump) plan(ctx context.Context, login signer.Login, source bulk.Source, args []string) error {
	dir, err := os.MkdirTemp("", "vod-bulk-")
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	journal, err := b.trial(ctx, login, dir, args)
	if err != nil {
		return bulkFailure(err, b.journal)
	}
	defer func() { _ = journal.Close() }()
	var unlisted error
	reading := b.newMessageBoard()
	if b.list {
		reading = nil // the list shows that something happens
	}
	plan, err := journal.Plan(ctx, source, bulk.PlanOptions{
		Options: b.sources.options(), Changed: b.changed, Progress: reading.drawRead,
		Skipped: func(e bulk.Entry) {
			if b.list && unlisted == nil {
				unlisted = b.showItem(skippedItem(e))
			}
		},
	})
	reading.clear()
	if err == nil && b.retryFailed {
		err = journal.RetryFailed(ctx)
	}
	if err = errors.Join(unlisted, err); err != nil {
		return bulkFailure(err, "")
	}
	return b.showPlan(ctx, journal, plan, args)
}

// drawRead shows how much of the sources has been read.
func (b *board) drawRead(entries int64) { b.draw([]string{"read " + count(int(entries), "object")}) }

// trial is a copy of the run's journal, or an empty one before the first run.
func (b *bulkDump) trial(ctx context.Context, login signer.Login, dir string, args []string) (*bulk.Journal, error) {
	if _, err := os.Stat(b.journal); b.journal == "" || errors.Is(err, fs.ErrNotExist) {
		return bulk.Open(ctx, filepath.Join(dir, "plan.db"))
	}
	journal, err := bulk.OpenCopy(ctx, b.journal, dir)
	if err != nil {
		return nil, err
	}
	err = journal.Bind(ctx, bulk.Tie{Name: "source", Value: sourceNames(args)})
	if service := serviceOf(login); err == nil && service.ProjectID != "" && (service.Endpoint != "" || service.Region != "") {
		var c *client.Client
		service.Auth = signer.StaticToken("none") // it is only named, not called
		if c, err = newClient(service); err == nil {
			err = journal.Bind(ctx, bulk.Tie{Name: "service", Value: c.String()})
		}
	}
	if err != nil {
		_ = journal.Close() // it is thrown away
		return nil, err
	}
	b.note("the journal is %s", absolute(b.journal))
	return journal, nil
}

// skippedItem is an entry that the plan leaves out.
func skippedItem(e bulk.Entry) bulkItem {
	return bulkItem{
		Line: e.Line, State: "skipped", Bucket: e.Request.Input.Bucket, Object: e.Request.Input.Object, Message: skipped[e.Skip],
	}
}

// skipped says why entries are left out.
var skipped = map[string]string{
	bulk.SkipFiltered:  "left out by the filters",
	bulk.SkipNotMedia:  "left out, because the extension is none of the documented formats",
	bulk.SkipEmpty:     "left out, because the object is empty",
	bulk.SkipPart:      "part of an HLS stream, dumped with its playlist or not at all",
	bulk.SkipDuplicate: "repeated in the source, and dumped once",
}

// showItem prints one object of the plan.
func (b *bulkDump) showItem(item bulkItem) error {
	if b.options.json() {
		return b.printJSON(bulkEvent{Event: "item", Item: &item})
	}
	return b.print(item.row())
}

// showPlan prints the plan of a dry run, which is its result.
func (b *bulkDump) showPlan(ctx context.Context, journal *bulk.Journal, plan bulk.Plan, args []string) error {
	counts, err := journal.Counts(ctx)
	if err != nil {
		return err
	}
	causes, err := causesOf(ctx, journal)
	if err != nil {
		return err
	}
	show := b.print
	if b.list {
		if err := b.showItems(ctx, journal); err != nil {
			return err
		}
		show = func(line string) error { b.note("%s", line); return nil } // standard output has the objects
	}
	if b.options.json() {
		if err := b.printJSON(bulkEvent{Event: "plan", Plan: &plan, Counts: namedCounts(counts), Causes: causes}); err != nil {
			return err
		}
	} else {
		for _, line := range b.dryLines(plan, counts, causes) {
			if err := show(printable(line)); err != nil {
				return err
			}
		}
		if err := b.showArchived(ctx, journal, plan); err != nil {
			return err
		}
	}
	if emptyPlan(plan, counts) {
		return noObjects(args)
	}
	switch plan.Refused {
	case 0:
		return nil
	case plan.Archived:
		return &failure{
			code: exitRefused, what: count(int(plan.Archived), "object") + " cannot be read before being restored",
			next: "restore what you want to dump, or run without --dry-run: the rest is dumped",
		}
	}
	next := "correct them, or run without --dry-run: they are left out"
	if !b.list {
		next = "--list shows what is wrong with each; " + next
	}
	return &failure{code: exitRefused, what: count(int(plan.Refused), "object") + " would be refused", next: next}
}

// emptyPlan reports whether the sources have nothing at all, now and in the journal.
func emptyPlan(plan bulk.Plan, counts bulk.Counts) bool {
	plan.Read = false
	return plan == bulk.Plan{} && counts.Total() == 0
}

// noObjects is the failure of sources that have nothing.
func noObjects(args []string) error {
	names := make([]string, len(args))
	for i, arg := range args {
		names[i] = fileName(arg)
	}
	f := &failure{
		code: exitRejected, what: "no object in " + strings.Join(names, ", "),
		next: "a manifest has a line for each object; vod help manifests shows its forms",
	}
	if strings.HasPrefix(args[0], addressScheme) {
		f.next = "check the names of bucket and prefix: upper and lower case matter"
	}
	return f
}

// showItems lists what the journal holds.
func (b *bulkDump) showItems(ctx context.Context, journal *bulk.Journal) error {
	for item, err := range journal.Items(ctx, bulk.States...) {
		if err != nil {
			return err
		}
		line, err := reportedItem(ctx, journal, item)
		if err != nil {
			return err
		}
		if err := b.showItem(line); err != nil {
			return err
		}
	}
	return nil
}

// showArchived names the objects that are left out because they are archived. Later, the journal has them.
func (b *bulkDump) showArchived(ctx context.Context, journal *bulk.Journal, plan bulk.Plan) error {
	if plan.Archived == 0 || b.list {
		return nil
	}
	for item, err := range journal.Items(ctx, bulk.Refused) {
		if err != nil {
			return err
		}
		violations, err := journal.Violations(ctx, item)
		if err != nil {
			return err
		}
		if len(violations) == 0 || violations[0].Rule != bulk.RuleArchived {
			continue
		}
		r := item.Request()
		if err := b.print(printable("archived: " + addressScheme + r.Input.Bucket + "/" + r.Input.Object)); err != nil {
			return err
		}
	}
	return nil
}

// planLines says how many objects are sent, what became of those that were sent before, and why others are left out.
func planLines(plan bulk.Plan, calls int64, before ...numberLine) []string {
	lines := []string{"to dump: " + count(int(calls), "object") + sizeOf(plan.Bytes)}
	lines = append(lines, numbered(numberLine{plan.Again, "of them again, because they have changed"})...)
	return append(append(lines, numbered(before...)...), leftOutLines(plan)...)
}

// dryLines are those of a dry run, which has no end that would say what became of the objects sent before.
func (b *bulkDump) dryLines(plan bulk.Plan, counts bulk.Counts, causes []bulkCause) []string {
	calls := b.calls(counts)
	lines := planLines(plan, calls,
		numberLine{counts[bulk.Done], "done"},
		numberLine{counts[bulk.Accepted], "accepted; --wait follows them to their end"},
		numberLine{counts[bulk.Failed], "failed; --retry-failed sends them again"},
		numberLine{counts[bulk.Ambiguous], "ambiguous; they may have been accepted"},
	)
	lines = append(lines, b.costLines(plan, calls)...)
	for _, cause := range causes {
		lines = append(lines, cause.text())
	}
	return lines
}

// calls is how many dumps a run begins with.
func (b *bulkDump) calls(counts bulk.Counts) int64 {
	if b.retryAmbiguous {
		return counts[bulk.Pending] + counts[bulk.Ambiguous]
	}
	return counts[bulk.Pending]
}

// numberLine is a number and what it counts.
type numberLine struct {
	n    int64
	text string
}

// numbered leaves out what is not there.
func numbered(all ...numberLine) (lines []string) {
	for _, row := range all {
		if row.n > 0 {
			lines = append(lines, fmt.Sprintf("%d %s", row.n, row.text))
		}
	}
	return lines
}

// leftOutLines say what is not dumped, and why.
func leftOutLines(plan bulk.Plan) []string {
	return numbered([]numberLine{
		{plan.Changed, "of those sent have changed since then; --changed dumps them again"},
		{plan.Refused - plan.Archived, "refused, because they break the contract"},
		{plan.Archived, "left out, because they are archived and must be restored first"},
		{plan.Duplicates, skipped[bulk.SkipDuplicate]},
		{plan.Segments, "parts of HLS streams, dumped with their playlists or not at all"},
		{plan.Unread, "playlists could not be read; what may be their parts is left out"},
		{plan.Filtered, skipped[bulk.SkipFiltered]},
		{plan.Empty, "left out, because they are empty"},
		{plan.NotMedia, "left out, because their extension is none of the documented formats"},
	}...)
}

// costLines estimates calls, time and what is billed.
func (b *bulkDump) costLines(plan bulk.Plan, calls int64) []string {
	lines := []string{fmt.Sprintf("calls: %d, in %s at %g a minute", calls,
		roughly(time.Duration(float64(calls)/b.rate*float64(time.Minute))), b.rate)}
	var billed []string
	for _, row := range []struct {
		n    int64
		noun string
	}{{plan.Snapshots, "snapshot job"}, {plan.Transcodes, "transcoding job"}, {plan.Copies, "copy into VOD's storage"}} {
		if row.n > 0 {
			billed = append(billed, plural(row.n, row.noun))
		}
	}
	if len(billed) > 0 {
		lines = append(lines, "billed: "+strings.Join(billed, ", "))
	}
	return lines
}

func plural(n int64, noun string) string {
	if rest, ok := strings.CutPrefix(noun, "copy"); ok && n != 1 {
		return fmt.Sprintf("%d copies%s", n, rest)
	}
	return count(int(n), noun)
}

func sizeOf(bytes int64) string {
	if bytes == 0 {
		return ""
	}
	if bytes < 1000 {
		return fmt.Sprintf(", %d bytes", bytes)
	}
	power := min(4, int(math.Log10(float64(bytes))/3))
	return fmt.Sprintf(", %.1f %cB", float64(bytes)/math.Pow(1000, float64(power)), " kMGT"[power])
}

// tellPlan says what the run will do, before it does it.
func (b *bulkDump) tellPlan(plan bulk.Plan, counts bulk.Counts) error {
	if !plan.Read {
		b.note("the source is as it was; going on with %s", count(int(b.calls(counts)), "object"))
	} else {
		for _, line := range planLines(plan, b.calls(counts), numberLine{plan.Known, "sent before"}) {
			b.note("%s", line)
		}
	}
	if !b.options.json() {
		return nil
	}
	return b.printJSON(bulkEvent{Event: "plan", Plan: &plan})
}
