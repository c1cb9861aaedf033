package client

import (
	"context"
	"net/http"

	"github.com/vod-reproduction/vod/gen/companions"
)

// TemplateGroups returns all template groups that a request can name.
func (c *Client) TemplateGroups(ctx context.Context) (groups []companions.TemplateGroup, err error) {
	const size = 100 // the most
	for page, more := int32(0), true; more && err == nil; page++ {
		err = c.do(ctx, call{
			op: "list template groups",
			request: func() (*http.Request, error) {
				return companions.NewListTemplateGroupRequest(c.base, c.projectID, &companions.ListTemplateGroupParams{Page: &page, Size: new(int32(size))})
			},
			accept: func(a *response) error {
				var list companions.TemplateGroups
				if err := a.into(&list); err != nil {
					return err
				}
				groups = append(groups, list.TemplateGroupList...)
				more = len(list.TemplateGroupList) == size && len(groups) < int(list.Total)
				return nil
			},
		})
	}
	return groups, err
}
