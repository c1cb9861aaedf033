package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
)

// Publish makes the media of finished assets playable by URL. It returns an entry for each asset, in the order of ids. An
// asset that could not be changed is no error: its entry has another status than PUBLISHED, and a description. Publishing
// twice changes nothing, so the request is repeated after temporary failures. At most 100 assets are changed at a time; the
// cloud refuses lists beyond a limit of its own, which it does not document.
func (c *Client) Publish(ctx context.Context, ids ...string) ([]companions.AssetInfo, error) {
	return c.changeStatus(ctx, "publish", ids, companions.NewPublishAssetsRequestWithBody)
}

// Unpublish makes the media of published assets unreachable and keeps the assets. It returns what [Client.Publish] does,
// with status CREATED where it was done.
func (c *Client) Unpublish(ctx context.Context, ids ...string) ([]companions.AssetInfo, error) {
	return c.changeStatus(ctx, "unpublish", ids, companions.NewUnpublishAssetsRequestWithBody)
}

func (c *Client) changeStatus(ctx context.Context, op string, ids []string, request statusRequest) ([]companions.AssetInfo, error) {
	body := companions.AssetIDs{AssetID: ids}
	violations := contract.Check(&body)
	if len(ids) == 0 && len(violations) == 0 {
		violations = contract.Violations{{Field: "asset_id", Rule: "required", Message: "at least one is needed"}}
	}
	if len(violations) > 0 {
		return nil, &ValidationError{Op: op, Violations: violations}
	}
	content, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	var infos []companions.AssetInfo
	err = c.do(ctx, call{
		op: op,
		request: func() (*http.Request, error) {
			return request(c.base, c.projectID, mediaType, bytes.NewReader(content))
		},
		accept: func(a *response) (err error) {
			infos, err = a.assets(ids)
			return err
		},
	})
	return infos, err
}

// statusRequest builds the request of one of the two operations.
type statusRequest = func(server string, projectID companions.ProjectID, contentType string, body io.Reader) (*http.Request, error)

// assets returns the entries of a response in the order of ids, each of which it must have.
func (a *response) assets(ids []string) ([]companions.AssetInfo, error) {
	var list companions.AssetInfoList
	if err := a.into(&list); err != nil {
		return nil, err
	}
	return infosInOrder(ids, list.AssetInfoArray, unmentioned)
}
