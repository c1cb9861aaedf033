package bulk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/service/object"
)

// RuleArchived is broken by an object that must be restored before it can be read.
const RuleArchived = "archived"

func archived(info object.Info) contract.Violation {
	return contract.Violation{Field: "input.object", Rule: RuleArchived, Message: fmt.Sprintf(
		"obs://%s/%s is archived (storage class %s) and cannot be read; restore it, in the console of OBS or with obsutil restore, and start again",
		info.Bucket, info.Key, info.Archived)}
}

// archive refuses an object that cannot be read, unless it was dumped before it was archived.
func (p *planner) archive(ctx context.Context, e *Entry) error {
	var id, line, plan int64
	var version string
	var state State
	err := p.find(ctx, identity(e.Request.Input)).Scan(&id, &line, &plan, &version, &state)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return err
	case state != Pending:
		p.plan.Known++
		return p.see(ctx, id, e.Line, false)
	default:
		if err := p.remove(ctx, id); err != nil {
			return err
		}
	}
	return p.refuse(ctx, e)
}
