package client

import (
	"context"
	"errors"
	"io"
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
	return c.category(ctx, "create category", &companions.CategoryRequest{Name: name, ParentID: &parent}, companions.NewCreateAssetCategoryRequestWithBody)
}

// RenameCategory gives a category another name and returns it. Its ID stays, and so do the assets in it.
func (c *Client) RenameCategory(ctx context.Context, id int32, name string) (companions.Category, error) {
	return c.category(ctx, "rename category", &companions.CategoryChange{ID: id, Name: name}, companions.NewUpdateAssetCategoryRequestWithBody)
}

// DeleteCategory deletes a category with those below it; assets in one of them are in no category afterwards. A category
// that does not exist is an [APIError] with contract.CodeNoSuchCategory, also when it was deleted because the response to
// an earlier attempt was lost.
func (c *Client) DeleteCategory(ctx context.Context, id int32) error {
	const op = "delete category"
	params := companions.DeleteAssetCategoryParams{ID: id}
	if violations := contract.Check(&params); len(violations) > 0 {
		return &ValidationError{Op: op, Violations: violations}
	}
	return c.do(ctx, call{
		op: op, success: http.StatusNoContent,
		request: func() (*http.Request, error) {
			return companions.NewDeleteAssetCategoryRequest(c.base, c.projectID, &params)
		},
		accept: func(*response) error { return nil },
	})
}

// category sends a request whose response is a category. newRequest is the generated function for it.
func (c *Client) category(ctx context.Context, op string, body contract.Checker,
	newRequest func(server string, project companions.ProjectID, contentType string, body io.Reader) (*http.Request, error)) (companions.Category, error) {
	var category companions.Category
	err := c.post(ctx, body, newRequest, call{
		op: op,
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
