package bulk

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
)

// restoreRefused gives the items that refuseAgain has refused the state back that they had, before a new plan judges them.
var restoreRefused = []string{
	`DELETE FROM fault WHERE item IN (SELECT id FROM past CROSS JOIN status
		ON status.id = past.item AND status.generation = past.generation)`,
	`UPDATE status SET state = past.state FROM past WHERE past.item = status.id AND past.generation = status.generation`,
	"DELETE FROM past WHERE EXISTS (SELECT 1 FROM status WHERE status.id = past.item AND status.generation = past.generation)",
}

// refuse writes down what is wrong with an entry. It is judged anew by the next plan. An object that was sent before stays
// the item that it is, and is refused only where it would be sent again.
func (p *planner) refuse(ctx context.Context, e *Entry) error {
	if e.Request == nil || e.Request.Input.Object == "" {
		return p.refuseNew(ctx, e)
	}
	var id, line, plan int64
	var version string
	var state State
	err := p.find(ctx, identity(e.Request.Input)).Scan(&id, &line, &plan, &version, &state)
	archived := e.Violations[0].Rule == RuleArchived
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return p.refuseNew(ctx, e)
	case err != nil:
		return err
	case plan == p.number && e.Line == 0: // several sources have it
		return nil
	case plan == p.number:
		return p.refuseNew(ctx, e)
	case state == Pending:
		if err := p.remove(ctx, id); err != nil {
			return err
		}
		return p.refuseNew(ctx, e)
	case !archived && (state == Failed || p.options.Changed && state != Ambiguous):
		return p.refuseAgain(ctx, e, id)
	}
	p.plan.Known++
	return p.see(ctx, id, e.Line, !archived)
}

// refuseNew adds an item that is refused.
func (p *planner) refuseNew(ctx context.Context, e *Entry) error {
	body := e.Raw
	if e.Request != nil && len(body) == 0 {
		var err error
		if body, err = json.Marshal(e.Request); err != nil {
			return err
		}
	}
	added, id, err := p.insert(ctx, newItem{identity: digest("refused", fmt.Sprint(e.Line), string(body)), line: e.Line, body: body})
	if err != nil || !added[0] {
		return err
	}
	if _, err := p.journal.write.ExecContext(ctx, "INSERT INTO status (id, state) VALUES (?, ?)", id, Refused); err != nil {
		return err
	}
	switch {
	case e.Line != 0:
	case e.Violations[0].Rule == RuleArchived:
		p.plan.Archived++
	default:
		if _, err := p.journal.write.ExecContext(ctx, "INSERT OR IGNORE INTO temp.refusal VALUES (?, ?)", identity(e.Request.Input), id); err != nil {
			return err
		}
	}
	return p.fault(ctx, e, id)
}

// refuseAgain refuses to send an item once more. Until the next plan it keeps its state among the past ones.
func (p *planner) refuseAgain(ctx context.Context, e *Entry, id int64) error {
	if _, err := p.journal.write.ExecContext(ctx, oneAgain.keep, id); err != nil {
		return err
	}
	if _, err := p.journal.write.ExecContext(ctx, "UPDATE status SET state = ? WHERE id = ?", Refused, id); err != nil {
		return err
	}
	if err := p.see(ctx, id, e.Line, false); err != nil {
		return err
	}
	return p.fault(ctx, e, id)
}

// fault counts a refused item, and writes down why it is one.
func (p *planner) fault(ctx context.Context, e *Entry, id int64) error {
	p.plan.Refused++
	for i, v := range e.Violations {
		if _, err := p.journal.write.ExecContext(ctx, "INSERT INTO fault VALUES (?, ?, ?, ?, ?)", id, i, v.Field, v.Rule, v.Message); err != nil {
			return err
		}
	}
	return nil
}

// remove takes an item that was not sent out of the plan.
func (p *planner) remove(ctx context.Context, id int64) error {
	for _, statement := range []string{"DELETE FROM item WHERE id = ?", "DELETE FROM status WHERE id = ?", "DELETE FROM fault WHERE item = ?"} {
		if _, err := p.journal.write.ExecContext(ctx, statement, id); err != nil {
			return err
		}
	}
	return nil
}
