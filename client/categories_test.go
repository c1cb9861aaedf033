package client_test

import (
	"net/http"
	"testing"

	"github.com/vod-reproduction/vod/client"
)

func TestCategories(t *testing.T) {
	t.Parallel()
	clock := newClock()
	const list, create = "GET category", "POST category"
	server := script(t, clock,
		ok(list, `[{"id":"17","name":"Films","children":[{"id":"23","name":"Trailers"}]}]`),
		ok(list, `{"id":"17"}`),
		step{want: create, status: 200, body: `{"id":23,"name":"Trailers","parent_id":17,"level":2}`,
			check: func(t *testing.T, _ *http.Request, body []byte) {
				if got := string(body); got != `{"name":"Trailers","parent_id":17}` {
					t.Errorf("body %s", got)
				}
			}},
		ok(create, `{}`),
		refusal(create, 403, "VOD.10065", "exists"),
	)
	c := connect(t, server.URL, clock)
	if trees, err := c.Categories(t.Context()); err != nil || len(trees) != 1 || trees[0].Children[0].ID != "23" {
		t.Errorf("%+v, %v", trees, err)
	}
	if trees, err := c.Categories(t.Context()); kindOf(err) != "response" {
		t.Errorf("an object gave %+v, %v", trees, err)
	}
	if category, err := c.CreateCategory(t.Context(), "Trailers", 17); err != nil || category.ID != 23 {
		t.Errorf("%+v, %v", category, err)
	}
	if _, err := c.CreateCategory(t.Context(), "Trailers", 17); kindOf(err) != "response" {
		t.Errorf("no id gave %v", err)
	}
	if _, err := c.CreateCategory(t.Context(), "Trailers", 17); client.Code(err) != "VOD.10065" {
		t.Errorf("a refusal gave %v", err)
	}
	if _, err := c.CreateCategory(t.Context(), "", 0); kindOf(err) != "validation" {
		t.Errorf("no name gave %v", err)
	}
}

func TestChangeCategories(t *testing.T) {
	t.Parallel()
	clock := newClock()
	const rename, remove = "PUT category", "DELETE category"
	server := script(t, clock,
		step{want: rename, status: 200, body: `{"id":23,"name":"Teasers","parent_id":17,"level":2}`,
			check: func(t *testing.T, _ *http.Request, body []byte) {
				if got := string(body); got != `{"name":"Teasers","id":23}` {
					t.Errorf("body %s", got)
				}
			}},
		refusal(rename, 404, "VOD.10064", "id"),
		step{want: remove, status: 204, check: func(t *testing.T, r *http.Request, _ []byte) {
			if got := r.URL.RawQuery; got != "id=23" {
				t.Errorf("query %s", got)
			}
		}},
		ok(remove, `{}`),
		refusal(remove, 404, "VOD.10064", "id"),
	)
	c := connect(t, server.URL, clock)
	if category, err := c.RenameCategory(t.Context(), 23, "Teasers"); err != nil || category.Name != "Teasers" {
		t.Errorf("%+v, %v", category, err)
	}
	if _, err := c.RenameCategory(t.Context(), 23, "Teasers"); client.Code(err) != "VOD.10064" {
		t.Errorf("a refusal gave %v", err)
	}
	if err := c.DeleteCategory(t.Context(), 23); err != nil {
		t.Error(err)
	}
	if err := c.DeleteCategory(t.Context(), 23); kindOf(err) != "response" {
		t.Errorf("a status that is not the contract's gave %v", err)
	}
	if err := c.DeleteCategory(t.Context(), 23); client.Code(err) != "VOD.10064" {
		t.Errorf("a refusal gave %v", err)
	}
	if _, err := c.RenameCategory(t.Context(), 23, ""); kindOf(err) != "validation" {
		t.Errorf("no name gave %v", err)
	}
	if err := c.DeleteCategory(t.Context(), -1); kindOf(err) != "validation" {
		t.Errorf("an ID that none can have gave %v", err)
	}
}
