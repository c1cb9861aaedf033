package client

import (
	"context"
	"net/http"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
)

// searchPage is the number of assets on a page of a search, the most that the API gives.
const searchPage = 100

// timeLayout is how the API writes times, in UTC.
const timeLayout = "20060102150405"

// Search narrows a listing of assets. Zero members narrow nothing.
type Search struct {
	// Text stands in the title or the description, in letters of either case.
	Text string
	// From and To bound the time of creation, inclusively; parts of a second do not count.
	From, To time.Time
}

// Search gives one page, counted from 0, of the project's assets that match, up to 100 of them and the newest first, and
// tells whether there are more. An asset may be listed some time after it was accepted, and twice when others are made
// between two pages.
func (c *Client) Search(ctx context.Context, search Search, page int) (infos []companions.AssetInfo, more bool, err error) {
	params := &companions.ShowAssetMetaParams{Page: new(int32(page)), Size: new(int32(searchPage))}
	if search.Text != "" {
		params.QueryString = &search.Text
	}
	if !search.From.IsZero() {
		params.StartTime = new(search.From.UTC().Format(timeLayout))
	}
	if !search.To.IsZero() {
		params.EndTime = new(search.To.UTC().Format(timeLayout))
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
			return nil, false, &AnswerError{Op: opInfo, Status: http.StatusOK, Reason: "an asset of its list has no usable ID"}
		}
	}
	// Servers that forget to say so are asked for one page more.
	more = found.IsTruncated == companions.TruncatedYes || len(found.AssetInfoArray) >= searchPage
	return found.AssetInfoArray, more, nil
}

// CreatedAt gives the time at which an asset was made, and whether the answer told it.
func CreatedAt(info companions.AssetInfo) (time.Time, bool) {
	if info.BaseInfo == nil || info.BaseInfo.CreateTime == nil {
		return time.Time{}, false
	}
	t, err := time.Parse(timeLayout, *info.BaseInfo.CreateTime)
	return t, err == nil
}
