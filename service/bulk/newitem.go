package bulk

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vod-reproduction/vod/contract"
)

// newItem is an item that may be new.
type newItem struct {
	identity []byte
	line     int64
	version  string
	body     []byte
}

// add adds the entries whose objects are new, and compares the others with the items that are there.
func (p *planner) add(ctx context.Context, entries []*Entry) error {
	for len(entries) > 0 {
		items := make([]newItem, inOneStatement(len(entries)))
		for i, e := range entries[:len(items)] {
			body, err := json.Marshal(e.Request)
			if err != nil {
				return err
			}
			version := e.Version
			if version == "" {
				version = hex.EncodeToString(digest(string(body)))
			}
			items[i] = newItem{identity(e.Request.Input), e.Line, version, body}
		}
		added, _, err := p.insert(ctx, items...)
		if err != nil {
			return err
		}
		for i, e := range entries[:len(items)] {
			if added[i] {
				p.count(e.Request, e.Size, 1)
			} else if err := p.meet(ctx, e, items[i]); err != nil {
				return err
			}
		}
		entries = entries[len(items):]
	}
	return nil
}

// insert adds items unless their identities are there, with one statement. It reports which it has added, and returns the
// ID of the last one. FAIL as in moveRows.
func (p *planner) insert(ctx context.Context, items ...newItem) (added []bool, id int64, err error) {
	args := make([]any, 0, 5*len(items))
	for _, i := range items {
		args = append(args, i.identity, i.line, p.number, i.version, i.body)
	}
	result, err := p.journal.write.ExecContext(ctx, itemRows(len(items)), args...)
	if err != nil {
		return nil, 0, err
	}
	n, err := result.RowsAffected()
	if err != nil {
		return nil, 0, err
	}
	if id, err = result.LastInsertId(); err != nil {
		return nil, 0, err
	}
	some := map[string]bool{}
	if 0 < n && n < int64(len(items)) {
		if some, err = p.newest(ctx, n); err != nil {
			return nil, 0, err
		}
	}
	added = make([]bool, len(items))
	for i, item := range items {
		added[i] = n == int64(len(items)) || some[string(item.identity)]
		delete(some, string(item.identity)) // of two that are alike, the first one is added
	}
	return added, id, nil
}

// itemRows inserts n items.
func itemRows(n int) string {
	const row = ", (?, ?, ?, ?, ?)"
	return "INSERT OR FAIL INTO item (identity, line, plan, version, body) VALUES " + strings.Repeat(row, n)[len(", "):] + " ON CONFLICT DO NOTHING"
}

// newest returns the identities of the n items that were added last.
func (p *planner) newest(ctx context.Context, n int64) (map[string]bool, error) {
	rows, err := p.journal.write.QueryContext(ctx, "SELECT identity FROM item ORDER BY id DESC LIMIT ?", n)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	newest := map[string]bool{}
	for rows.Next() {
		var identity []byte
		if err := rows.Scan(&identity); err != nil {
			return nil, err
		}
		newest[string(identity)] = true
	}
	return newest, rows.Err()
}

// RuleDuplicate is broken by a second line that names the object of an earlier one but asks for something else.
const RuleDuplicate = "duplicate-object"

// meet compares an entry with the item of the same object.
func (p *planner) meet(ctx context.Context, e *Entry, now newItem) error {
	var id, line, plan int64
	var old string
	var state State
	if err := p.find(ctx, now.identity).Scan(&id, &line, &plan, &old, &state); err != nil {
		return err
	}
	switch {
	case plan == p.number && old == now.version && state == Pending:
		p.repeated(e)
		return nil
	case plan == p.number:
		return p.meetAgain(ctx, e, now, planned{id: id, size: sizeIn(old), state: state}, line)
	}
	switch state {
	case Pending:
		p.count(e.Request, e.Size, 1)
		return p.replace(ctx, id, now)
	case Failed:
		// The next try, if there is one, takes what the source says now.
		p.plan.Known++
		return p.replace(ctx, id, now)
	}
	if old == now.version || !p.options.Changed || state == Ambiguous {
		p.plan.Known++
		if old != now.version {
			if _, err := p.journal.write.ExecContext(ctx, "INSERT OR REPLACE INTO temp.seen VALUES (?, ?)", id, now.body); err != nil {
				return err
			}
		}
		return p.see(ctx, id, e.Line, old != now.version)
	}
	p.plan.Again++
	p.count(e.Request, e.Size, 1)
	if err := p.journal.again(ctx, oneAgain, id); err != nil {
		return err
	}
	return p.replace(ctx, id, now)
}

// meetAgain compares an entry with an earlier one of the same plan, which has another version: another request, or another
// source, or another state of the object.
func (p *planner) meetAgain(ctx context.Context, e *Entry, now newItem, earlier planned, line int64) error {
	var body []byte // an item that was sent keeps the body that it was sent with
	if err := p.journal.write.QueryRowContext(ctx, `SELECT coalesce(seen.body, item.body)
		FROM item LEFT JOIN temp.seen ON seen.item = item.id WHERE item.id = ?`, earlier.id).Scan(&body); err != nil {
		return err
	}
	if !bytes.Equal(body, now.body) {
		e.Violations = contract.Violations{{Field: "input.object", Rule: RuleDuplicate, Message: fmt.Sprintf(
			"%s dumps the same object with other settings; leave out one of them", p.earlierEntry(line, e.Line))}}
		return p.refuseNew(ctx, e)
	}
	p.repeated(e)
	if line > 0 || e.Line > 0 || earlier.state != Pending {
		return nil
	}
	p.plan.Bytes += e.Size - earlier.size // it was replaced while it was listed
	return p.replace(ctx, earlier.id, now)
}

// earlierEntry names what came before an entry of a line.
func (p *planner) earlierEntry(line, now int64) string {
	switch {
	case line == 0:
		return "a bucket among the sources"
	case now > 0 && line >= now:
		return fmt.Sprintf("line %d of an earlier source", line)
	case now > 0 && p.several:
		return fmt.Sprintf("line %d of this source or an earlier one", line)
	}
	return fmt.Sprintf("line %d", line)
}

// repeated counts an entry whose object is planned already.
func (p *planner) repeated(e *Entry) {
	p.plan.Duplicates++
	p.skip(e, SkipDuplicate)
}

func (p *planner) replace(ctx context.Context, id int64, now newItem) error {
	_, err := p.journal.write.ExecContext(ctx, "UPDATE item SET line = ?, plan = ?, version = ?, body = ? WHERE id = ?",
		now.line, p.number, now.version, now.body, id)
	return err
}
