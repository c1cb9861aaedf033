package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
)

// Asset tells where one asset stands. An ID that does not exist has status NO_ASSET and is not an error.
func (c *Client) Asset(ctx context.Context, id string) (companions.AssetInfo, error) {
	infos, err := c.Assets(ctx, id)
	if err != nil {
		return companions.AssetInfo{}, err
	}
	return infos[0], nil
}

// Assets tells where 1 to 10 assets stand, in the order of ids, by one call. IDs that do not exist have status NO_ASSET.
// Members of an answer that have another type than the contract says are left out.
func (c *Client) Assets(ctx context.Context, ids ...string) ([]companions.AssetInfo, error) {
	params := &companions.ShowAssetMetaParams{AssetID: ids}
	violations := contract.Check(params)
	if len(ids) == 0 {
		violations = append(violations, contract.Violation{Field: "asset_id", Rule: "required", Message: "at least one is needed"})
	}
	if len(violations) > 0 {
		return nil, &ValidationError{Op: opInfo, Violations: violations}
	}
	page, err := c.infoPage(ctx, params)
	if err != nil {
		return nil, err
	}
	known := make(map[string]companions.AssetInfo, len(page.AssetInfoArray))
	for _, info := range page.AssetInfoArray {
		if info.Status == companions.AssetStatusNoAssetAlias {
			info.Status = companions.AssetStatusNoAsset
		}
		known[info.AssetID] = info
	}
	infos := make([]companions.AssetInfo, len(ids))
	for i, id := range ids {
		info, ok := known[id]
		if !ok {
			info = companions.AssetInfo{AssetID: id, Status: companions.AssetStatusNoAsset}
		}
		infos[i] = info
	}
	return infos, nil
}

const opInfo = "asset info"

// infoPage asks for one page of assets.
func (c *Client) infoPage(ctx context.Context, params *companions.ShowAssetMetaParams) (page companions.AssetInfoPage, err error) {
	err = c.do(ctx, call{
		op: opInfo,
		request: func() (*http.Request, error) {
			return companions.NewShowAssetMetaRequest(c.base, c.projectID, params)
		},
		accept: func(a *answer) error {
			page = companions.AssetInfoPage{}
			if err := a.into(&page); err != nil {
				return err
			}
			if page.AssetInfoArray == nil {
				return errors.New("it has no asset_info_array")
			}
			return nil
		},
	})
	return page, err
}

// Details tells everything about one asset, or the parts that categories name. An ID that does not exist is an APIError.
func (c *Client) Details(ctx context.Context, id string, categories ...companions.DetailCategory) (companions.AssetDetails, error) {
	const op = "asset details"
	params := &companions.ShowAssetDetailParams{AssetID: id, Categories: categories}
	if violations := contract.Check(params); len(violations) > 0 {
		return companions.AssetDetails{}, &ValidationError{Op: op, Violations: violations}
	}
	var details companions.AssetDetails
	err := c.do(ctx, call{
		op: op,
		request: func() (*http.Request, error) {
			return companions.NewShowAssetDetailRequest(c.base, c.projectID, params)
		},
		accept: func(a *answer) error {
			details = companions.AssetDetails{}
			if err := a.into(&details); err != nil {
				return err
			}
			if details.AssetID != id {
				return errors.New("it is about another asset")
			}
			return nil
		},
	})
	return details, err
}

// AuthorizeBucket opens a bucket to VOD, or closes it when open is false. It must have been called once for a bucket
// before something is dumped from it; calling it again changes nothing.
func (c *Client) AuthorizeBucket(ctx context.Context, bucket string, open bool) error {
	const op = "authorize bucket"
	body := companions.BucketAuthority{Bucket: bucket, Operation: companions.BucketOperationClose}
	if open {
		body.Operation = companions.BucketOperationOpen
	}
	if violations := contract.Check(&body); len(violations) > 0 {
		return &ValidationError{Op: op, Violations: violations}
	}
	content, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return c.do(ctx, call{
		op: op,
		request: func() (*http.Request, error) {
			return companions.NewUpdateBucketAuthorizedRequestWithBody(c.base, c.projectID, "application/json", bytes.NewReader(content))
		},
		accept: func(a *answer) error {
			if len(strings.TrimSpace(string(a.body))) == 0 {
				return nil
			}
			return a.object()
		},
	})
}
