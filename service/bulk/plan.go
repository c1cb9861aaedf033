package bulk

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"

	"github.com/vod-reproduction/vod/gen"
)

// Plan is what a source came to.
type Plan struct {
	// Read reports whether the source was read: a finished plan of a source that is still the same is not made again.
	// The numbers below are zero then.
	Read bool `json:"read"`
	// Ready, Refused and Known are the items that will be sent, break the contract, and have been sent before.
	Ready   int64 `json:"ready"`
	Refused int64 `json:"refused"`
	Known   int64 `json:"known"`
	// Changed counts those among Known whose object or request is another than the one that was sent; Again counts those
	// among Ready.
	Changed int64 `json:"changed"`
	Again   int64 `json:"again"`
	// Duplicates counts the entries that repeat an earlier one word for word.
	Duplicates int64 `json:"duplicates"`
	// Archived counts those among Refused that must be restored before they can be read.
	Archived int64 `json:"archived"`
	// Segments counts the parts of HLS streams, which are dumped with their playlist or not at all.
	Segments int64 `json:"segments"`
	// Unread counts the playlists that could not be read: what may be their parts is left out.
	Unread int64 `json:"unread"`
	// Filtered, NotMedia and Empty count the objects that are left out.
	Filtered int64 `json:"filtered"`
	NotMedia int64 `json:"no_media"`
	Empty    int64 `json:"empty"`
	// Bytes is the size of the items that are Ready, as far as it is known.
	Bytes int64 `json:"bytes"`
	// Snapshots, Transcodes and Copies count the items among Ready that cost more than the call.
	Snapshots  int64 `json:"snapshots"`
	Transcodes int64 `json:"transcodes"`
	Copies     int64 `json:"copies"`
}

// PlanOptions changes how a plan is made.
type PlanOptions struct {
	// Options names everything besides the source that decides about the items: when it changes, they are planned anew.
	Options string
	// Changed puts changed items back to Pending, to be dumped again.
	Changed bool
	// Progress, if not nil, is called now and then with the number of entries read.
	Progress func(entries int64)
	// Skipped, if not nil, is called with every entry that is left out; its Skip says why.
	Skipped func(Entry)
}

// itemsPerTransaction bounds the memory that an open transaction takes. Identities are random: a small transaction would
// write as many pages of their index as a large one.
const itemsPerTransaction = 5000

// Plan reads the source and writes its items into the journal. It can be repeated at any time: items that were sent
// stay what they are.
func (j *Journal) Plan(ctx context.Context, source Source, options PlanOptions) (Plan, error) {
	print, err := source.Fingerprint(ctx)
	if err != nil {
		return Plan{}, err
	}
	if print != "" {
		print = hex.EncodeToString(digest(print, options.Options))
	}
	sources, _ := source.(Sources)
	p := planner{journal: j, options: options, several: len(sources) > 1, unread: map[string]bool{}}
	finished := false
	if err := j.transact(ctx, func() (err error) {
		finished, err = p.begin(ctx, print, source.Complete())
		return err
	}); err != nil {
		return Plan{}, fmt.Errorf("plan: %w", err)
	}
	if finished {
		return Plan{}, nil
	}
	p.plan.Read = true
	if err := p.read(ctx, source); err != nil {
		return p.plan, err
	}
	if err := j.transact(ctx, func() error { return p.end(ctx, print) }); err != nil {
		return p.plan, fmt.Errorf("plan: %w", err)
	}
	return p.plan, nil
}

// planner is the state of one Plan.
type planner struct {
	journal *Journal
	options PlanOptions
	plan    Plan
	number  int64           // of this plan
	several bool            // sources: a line may be that of each
	unread  map[string]bool // buckets and directories of playlists that could not be read
}

// begin looks whether the plan is there already, and else clears what a new one replaces: items that never went out.
func (p *planner) begin(ctx context.Context, print string, complete bool) (finished bool, err error) {
	w := p.journal.write
	var before, options sql.NullString
	row := w.QueryRowContext(ctx, "SELECT (SELECT value FROM meta WHERE name = 'plan'), (SELECT value FROM meta WHERE name = 'options')")
	if err := row.Scan(&before, &options); err != nil {
		return false, err
	}
	if print != "" && before.String == print && !p.options.Changed {
		return true, nil
	}
	for _, statement := range restoreRefused {
		if _, err := w.ExecContext(ctx, statement); err != nil {
			return false, err
		}
	}
	drop := []State{Refused}
	if complete || options.String != p.options.Options {
		drop = append(drop, Pending)
	}
	for _, state := range drop {
		for _, statement := range []string{
			"DELETE FROM fault WHERE item IN (SELECT id FROM status WHERE state = ?)",
			"DELETE FROM item WHERE id IN (SELECT id FROM status WHERE state = ?)",
			"DELETE FROM status WHERE state = ?",
		} {
			if _, err := w.ExecContext(ctx, statement, state); err != nil {
				return false, err
			}
		}
	}
	for _, statement := range []string{
		planTables, "DELETE FROM meta WHERE name = 'plan'",
		"UPDATE status SET changed = 0 WHERE changed = 1",
	} {
		if _, err := w.ExecContext(ctx, statement); err != nil {
			return false, err
		}
	}
	if _, err := w.ExecContext(ctx, "INSERT OR REPLACE INTO meta VALUES ('options', ?)", p.options.Options); err != nil {
		return false, err
	}
	row = w.QueryRowContext(ctx, `INSERT INTO meta VALUES ('plans', '1')
		ON CONFLICT DO UPDATE SET value = CAST(value AS INTEGER) + 1 RETURNING CAST(value AS INTEGER)`)
	if err := row.Scan(&p.number); err != nil {
		return false, err
	}
	return false, nil
}

// read takes in the source, some thousand entries a transaction.
func (p *planner) read(ctx context.Context, source Source) error {
	var batch []Entry
	entries := int64(0)
	flush := func() error {
		if err := p.look(ctx, batch); err != nil {
			return err
		}
		err := p.journal.transact(ctx, func() error { return p.addAll(context.WithoutCancel(ctx), batch) })
		if err != nil {
			return fmt.Errorf("plan: %w", err)
		}
		entries += int64(len(batch))
		batch = batch[:0]
		if p.options.Progress != nil {
			p.options.Progress(entries)
		}
		return nil
	}
	for entry, err := range source.Entries(ctx) {
		if err != nil {
			return err
		}
		if len(entry.Violations) == 0 {
			entry.Raw = nil // belongs to the source
		}
		if batch = append(batch, entry); len(batch) == itemsPerTransaction {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// addAll adds a batch. One statement makes the new items Pending, except those that are Refused already.
func (p *planner) addAll(ctx context.Context, batch []Entry) error {
	last := int64(0)
	if err := p.journal.write.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM item").Scan(&last); err != nil {
		return err
	}
	var sound []*Entry // in a row
	for i := range batch {
		e := &batch[i]
		switch {
		case e.Skip == SkipFiltered:
			p.plan.Filtered++
			p.skip(e, e.Skip)
		case e.Skip == SkipNotMedia:
			p.plan.NotMedia++
			p.skip(e, e.Skip)
		case e.Skip == SkipEmpty:
			p.plan.Empty++
			p.skip(e, e.Skip)
		case len(e.Violations) == 0:
			sound = append(sound, e)
		default:
			if err := p.add(ctx, sound); err != nil {
				return err
			}
			sound = sound[:0]
			if err := p.refuse(ctx, e); err != nil {
				return err
			}
		}
	}
	if err := p.add(ctx, sound); err != nil {
		return err
	}
	_, err := p.journal.write.ExecContext(ctx, "INSERT INTO status (id, state) SELECT id, ? FROM item WHERE id > ? ON CONFLICT DO NOTHING", Pending, last)
	return err
}

// find looks for an item, which is Pending while it has no status.
func (p *planner) find(ctx context.Context, name []byte) *sql.Row {
	return p.journal.write.QueryRowContext(ctx, `SELECT id, line, plan, version, coalesce(state, ?1)
		FROM item LEFT JOIN status USING (id) WHERE identity = ?2`, Pending, name)
}

func (p *planner) skip(e *Entry, why string) {
	if p.options.Skipped != nil {
		skipped := *e
		skipped.Skip = why
		p.options.Skipped(skipped)
	}
}

// see notes that an item is still in the source, and whether it is another one by now.
func (p *planner) see(ctx context.Context, id, line int64, changed bool) error {
	if _, err := p.journal.write.ExecContext(ctx, "UPDATE item SET line = ?, plan = ? WHERE id = ?", line, p.number, id); err != nil || !changed {
		return err
	}
	p.plan.Changed++
	_, err := p.journal.write.ExecContext(ctx, "UPDATE status SET changed = 1 WHERE id = ?", id)
	return err
}

// count adds n items of one kind to the estimate, or takes them out of it.
func (p *planner) count(r *gen.DumpRequest, size, n int64) {
	p.plan.Ready += n
	p.plan.Bytes += n * size
	if r.Thumbnail != nil {
		p.plan.Snapshots += n
	}
	if r.TemplateGroupName != nil || r.WorkflowName != nil {
		p.plan.Transcodes += n
	}
	if r.GetStorageMode() == gen.StorageModeVOD {
		p.plan.Copies += n
	}
}

// end drops the parts of HLS streams and marks the plan as finished.
func (p *planner) end(ctx context.Context, print string) error {
	if err := p.dropParts(ctx); err != nil {
		return err
	}
	if print == "" {
		return nil
	}
	_, err := p.journal.write.ExecContext(ctx, "INSERT OR REPLACE INTO meta VALUES ('plan', ?)", print)
	return err
}
