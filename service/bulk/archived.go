package bulk

import (
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
