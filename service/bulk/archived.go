package bulk

import (
	"context"
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

// stillArchived asks whether what is called archived cannot be read. A listing need not say what has been restored, and the
// archives of some clouds can be read at once.
func (b *Bucket) stillArchived(ctx context.Context, info object.Info) (bool, error) {
	body, _, err := b.Store.Open(ctx, info.Bucket, info.Key, object.Range{Length: 1}, "")
	switch {
	case err == nil:
		return false, body.Close()
	case ctx.Err() != nil:
		return true, err
	case errors.Is(err, object.ErrArchived):
		return true, nil
	}
	now, err := b.Store.Stat(ctx, info.Bucket, info.Key) // it may be read by its owner alone
	return err != nil || now.Archived != "", ctx.Err()
}
