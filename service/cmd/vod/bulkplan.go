package main

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/service/bulk"
)

// showPlan prints the plan of a dry run, which is its result.
func (b *bulkDump) showPlan(ctx context.Context, journal *bulk.Journal, plan bulk.Plan) error {
	causes, err := causesOf(ctx, journal)
	if err != nil {
		return err
	}
	if b.options.json() {
		if err := b.printJSON(bulkEvent{Event: "plan", Plan: &plan, Causes: causes}); err != nil {
			return err
		}
	} else {
		for _, line := range append(planLines(plan), b.costLines(plan)...) {
			if err := b.print(line); err != nil {
				return err
			}
		}
		for _, cause := range causes {
			if err := b.print(printable(cause.text())); err != nil {
				return err
			}
		}
		if err := b.showArchived(ctx, journal, plan); err != nil {
			return err
		}
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
	return &failure{
		code: exitRefused, what: count(int(plan.Refused), "object") + " would be refused",
		next: "correct them, or run without --dry-run: they are left out",
	}
}

// showArchived names the objects that are left out because they are archived. Later, the journal has them.
func (b *bulkDump) showArchived(ctx context.Context, journal *bulk.Journal, plan bulk.Plan) error {
	if plan.Archived == 0 {
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

// planLines lists the numbers that are not zero.
func planLines(plan bulk.Plan) []string {
	lines := []string{"to dump: " + count(int(plan.Ready), "object") + sizeOf(plan.Bytes)}
	for _, row := range []struct {
		n    int64
		text string
	}{
		{plan.Again, "of them again, because they have changed"},
		{plan.Refused - plan.Archived, "refused, because they break the contract"},
		{plan.Archived, "left out, because they are archived and must be restored first"},
		{plan.Known, "sent before"},
		{plan.Changed, "of these changed since then; --changed dumps them again"},
		{plan.Duplicates, "repeated in the source, and dumped once"},
		{plan.Segments, "parts of HLS streams, dumped with their playlists or not at all"},
		{plan.Unread, "playlists could not be read; what may be their parts is left out"},
		{plan.Filtered, "left out by the filters"},
		{plan.NotMedia, "left out, because their extension is none of the documented formats"},
	} {
		if row.n > 0 {
			lines = append(lines, fmt.Sprintf("%d %s", row.n, row.text))
		}
	}
	return lines
}

// costLines estimates calls, time and what is billed.
func (b *bulkDump) costLines(plan bulk.Plan) []string {
	lines := []string{fmt.Sprintf("calls: %d, in %s at %g a minute", plan.Ready,
		roughly(time.Duration(float64(plan.Ready)/b.rate*float64(time.Minute))), b.rate)}
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
		b.note("the source is as it was; going on with %s", count(int(counts[bulk.Pending]), "object"))
	} else {
		for _, line := range planLines(plan) {
			b.note("%s", line)
		}
	}
	if !b.options.json() {
		return nil
	}
	return b.printJSON(bulkEvent{Event: "plan", Plan: &plan})
}
