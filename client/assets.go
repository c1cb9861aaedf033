package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
)

// Asset returns the state of one asset. An ID that does not exist has status NO_ASSET and is not an error.
func (c *Client) Asset(ctx context.Context, id string) (companions.AssetInfo, error) {
	infos, err := c.Assets(ctx, id)
	if err != nil {
		return companions.AssetInfo{}, err
	}
	return infos[0], nil
}

// Assets returns the state of 1 to 10 assets, in the order of ids, by one request. IDs that do not exist have status NO_ASSET.
// Fields of a response that have another type than the contract says are left out.
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
	return infosInOrder(ids, page.AssetInfoArray, func(id string) (companions.AssetInfo, error) {
		return companions.AssetInfo{AssetID: id, Status: companions.AssetStatusNoAsset}, nil
	})
}

func infosInOrder(ids []string, infos []companions.AssetInfo, missing func(id string) (companions.AssetInfo, error)) ([]companions.AssetInfo, error) {
	for i := range infos {
		if infos[i].Status == companions.AssetStatusNoAssetAlias {
			infos[i].Status = companions.AssetStatusNoAsset
		}
	}
	return inOrder(ids, infos, func(info companions.AssetInfo) string { return info.AssetID }, missing)
}

// inOrder returns the entry of each ID, and what missing returns for an ID without one.
func inOrder[E any](ids []string, entries []E, idOf func(E) string, missing func(id string) (E, error)) ([]E, error) {
	known := make(map[string]E, len(entries))
	for _, entry := range entries {
		known[idOf(entry)] = entry
	}
	ordered := make([]E, len(ids))
	for i, id := range ids {
		entry, ok := known[id]
		if !ok {
			var err error
			if entry, err = missing(id); err != nil {
				return nil, err
			}
		}
		ordered[i] = entry
	}
	return ordered, nil
}

// unmentioned returns the error of a response that has no entry for an ID of the request.
func unmentioned[E any](string) (entry E, err error) {
	return entry, errors.New("it has no entry for a requested asset")
}

const opInfo = "asset info"

// infoPage asks for one page of assets.
func (c *Client) infoPage(ctx context.Context, params *companions.ShowAssetMetaParams) (page companions.AssetInfoPage, err error) {
	err = c.do(ctx, call{
		op: opInfo,
		request: func() (*http.Request, error) {
			return companions.NewShowAssetMetaRequest(c.base, c.projectID, params)
		},
		accept: func(a *response) error {
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

// Details returns everything about one asset, or the parts that categories name. An ID that does not exist is an APIError.
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
		accept: func(a *response) error {
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

// searchPage is the number of assets on a page of a search, the most that the API allows.
const searchPage = 100

// maxStalePages is how many pages in a row may list nothing new: assets that are created meanwhile move the others on.
const maxStalePages = 10

// Search narrows a listing of assets. Zero fields narrow nothing.
type Search struct {
	// Text stands in the title or the description, in letters of either case.
	Text string
	// From and To bound the time of creation, inclusively; parts of a second do not count.
	From, To time.Time
}

// Search returns an iterator over the project's assets that match, the newest first. It requests a page of up to 100 when
// it needs one, and yields an error, with an empty asset, as its last element if that fails. An asset may be listed some
// time after it was accepted, and is yielded once even if others are created meanwhile. Every range over the iterator
// searches anew.
func (c *Client) Search(ctx context.Context, search Search) iter.Seq2[companions.AssetInfo, error] {
	return func(yield func(companions.AssetInfo, error) bool) {
		seen := map[string]bool{}
		stale := 0
		for page := 0; ; page++ {
			infos, more, err := c.SearchPage(ctx, search, page)
			if err != nil {
				yield(companions.AssetInfo{}, err)
				return
			}
			before := len(seen)
			for _, info := range infos {
				if !seen[info.AssetID] && !yield(info, nil) {
					return
				}
				seen[info.AssetID] = true
			}
			if !more {
				return
			}
			if stale++; len(seen) > before {
				stale = 0
			}
			if stale == maxStalePages {
				yield(companions.AssetInfo{}, &ResponseError{Op: opInfo, Status: http.StatusOK,
					Reason: fmt.Sprintf("its last %d pages list nothing new and say that there is more: the server does not look at the number of the page", stale)})
				return
			}
		}
	}
}

// SearchPage returns one page of [Client.Search], counted from 0, for callers that pace their requests, and whether there
// are more. An asset is on two pages when others are created between the requests for them.
func (c *Client) SearchPage(ctx context.Context, search Search, page int) (infos []companions.AssetInfo, more bool, err error) {
	params := &companions.ShowAssetMetaParams{Page: new(int32(page)), Size: new(int32(searchPage))}
	if search.Text != "" {
		params.QueryString = &search.Text
	}
	if !search.From.IsZero() {
		params.StartTime = new(search.From.UTC().Format(contract.TimeLayout))
	}
	if !search.To.IsZero() {
		params.EndTime = new(search.To.UTC().Format(contract.TimeLayout))
	}
	if violations := contract.Check(params); len(violations) > 0 {
		return nil, false, &ValidationError{Op: opInfo, Violations: violations}
	}
	found, err := c.infoPage(ctx, params)
	if err != nil {
		return nil, false, err
	}
	for _, info := range found.AssetInfoArray {
		if !assetIDPattern.MatchString(info.AssetID) {
			return nil, false, &ResponseError{Op: opInfo, Status: http.StatusOK, Reason: "an asset of its list has no usable ID"}
		}
	}
	// Servers that forget to say so are asked for one page more.
	more = found.IsTruncated == companions.TruncatedYes || len(found.AssetInfoArray) >= searchPage
	return found.AssetInfoArray, more, nil
}

// CreatedAt returns the time at which an asset was created, and whether info has it.
func CreatedAt(info companions.AssetInfo) (time.Time, bool) {
	if info.BaseInfo == nil || info.BaseInfo.CreateTime == nil {
		return time.Time{}, false
	}
	t, err := time.Parse(contract.TimeLayout, *info.BaseInfo.CreateTime)
	return t, err == nil
}

// AuthorizeBucket allows VOD to use a bucket, which is necessary once before something is dumped from it. Repeating it
// changes nothing.
func (c *Client) AuthorizeBucket(ctx context.Context, bucket string) error {
	return c.updateAuthority(ctx, "authorize bucket", companions.BucketAuthority{Bucket: bucket, Operation: companions.BucketOperationOpen})
}

// RevokeBucket withdraws what AuthorizeBucket allowed. Repeating it changes nothing. A bucket that receives outputs cannot
// be revoked, which is an APIError.
func (c *Client) RevokeBucket(ctx context.Context, bucket string) error {
	return c.updateAuthority(ctx, "revoke bucket", companions.BucketAuthority{Bucket: bucket, Operation: companions.BucketOperationClose})
}

func (c *Client) updateAuthority(ctx context.Context, op string, body companions.BucketAuthority) error {
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
			return companions.NewUpdateBucketAuthorizedRequestWithBody(c.base, c.projectID, mediaType, bytes.NewReader(content))
		},
		accept: func(a *response) error {
			if len(strings.TrimSpace(string(a.body))) == 0 {
				return nil
			}
			return a.object()
		},
	})
}
