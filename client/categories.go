package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
)

// Categories returns all categories of the project, those of the first level with what lies below them.
func (c *Client) Categories(ctx context.Context) ([]companions.CategoryTree, error) {
	var trees []companions.CategoryTree
	err := c.do(ctx, call{
		op: "list categories",
		request: func() (*http.Request, error) {
			return companions.NewListAssetCategoryRequest(c.base, c.projectID, &companions.ListAssetCategoryParams{})
		},
		accept: func(a *response) error {
			trees = nil
			if err := a.one('[', "array"); err != nil {
				return err
			}
			return a.decode(&trees)
		},
	})
	return trees, err
}

// CreateCategory creates a category below another one, or on the first level for parent 0, and returns it. A name that is
// there already is an [APIError] with contract.CodeCategoryExists, also when it is there because the response to an
// earlier attempt was lost.
func (c *Client) CreateCategory(ctx context.Context, name string, parent int32) (companions.Category, error) {
	const op = "create category"
	body := companions.CategoryRequest{Name: name, ParentID: &parent}
	if violations := contract.Check(&body); len(violations) > 0 {
		return companions.Category{}, &ValidationError{Op: op, Violations: violations}
	}
	content, err := json.Marshal(body)
	if err != nil {
		return companions.Category{}, fmt.Errorf("%s: %w", op, err)
	}
	var category companions.Category
	err = c.do(ctx, call{
		op: op,
		request: func() (*http.Request, error) {
			return companions.NewCreateAssetCategoryRequestWithBody(c.base, c.projectID, "application/json", bytes.NewReader(content))
		},
		accept: func(a *response) error {
			category = companions.Category{}
			if err := a.into(&category); err != nil {
				return err
			}
			if category.ID == 0 {
				return errors.New("it has no id")
			}
			return nil
		},
	})
	return category, err
}
