package client

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
)

// Delete deletes assets with their files, whatever their state. It returns an entry for each asset, in the order of ids:
// with status FAILED where it was not done. Deleting twice changes nothing, so the request is repeated after temporary
// failures. At most 100 assets are deleted at a time.
func (c *Client) Delete(ctx context.Context, ids ...string) ([]companions.DeleteResult, error) {
	const op = "delete"
	params := companions.DeleteAssetsParams{AssetID: ids}
	violations := contract.Check(&params)
	for i, id := range ids {
		if strings.Contains(id, ",") { // on the wire it would be several
			violations = append(violations, contract.Violation{Field: fmt.Sprintf("asset_id[%d]", i), Rule: "pattern", Message: "must be a single ID"})
		}
	}
	if len(violations) > 0 {
		return nil, &ValidationError{Op: op, Violations: violations}
	}
	var results []companions.DeleteResult
	err := c.do(ctx, call{
		op:      op,
		request: func() (*http.Request, error) { return companions.NewDeleteAssetsRequest(c.base, c.projectID, &params) },
		accept: func(a *response) (err error) {
			results, err = a.deleted(ids)
			return err
		},
	})
	return results, err
}

// deleted returns the entries of a response in the order of ids, each of which it must have.
func (a *response) deleted(ids []string) ([]companions.DeleteResult, error) {
	var list companions.DeleteResults
	if err := a.into(&list); err != nil {
		return nil, err
	}
	return inOrder(ids, list.DeleteResultArray, func(entry companions.DeleteResult) string { return entry.AssetID }, unmentioned)
}
