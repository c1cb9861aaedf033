package client_test

import (
	"net/http"
	"testing"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen/companions"
)

func TestDelete(t *testing.T) {
	t.Parallel()
	clock := newClock()
	const want = "DELETE asset"
	server := script(t, clock,
		step{want: want, status: 200,
			body: `{"delete_result_array":[{"asset_id":"b","status":"FAILED"},{"asset_id":"a","status":"DELETED"}]}`,
			check: func(t *testing.T, r *http.Request, _ []byte) {
				if got := r.URL.RawQuery; got != "asset_id=a&asset_id=b" {
					t.Errorf("query %s", got)
				}
			}},
		ok(want, `{"delete_result_array":[{"asset_id":"a","status":"DELETED"}]}`),
		refusal(want, 403, "VOD.10074", "no permission"),
	)
	c := connect(t, server.URL, clock)
	results, err := c.Delete(t.Context(), "a", "b")
	if err != nil || len(results) != 2 || results[0].Status != companions.DeleteStatusDeleted || results[1].Status != companions.DeleteStatusFailed {
		t.Errorf("%+v, %v, want the assets in the order of the request", results, err)
	}
	if results, err := c.Delete(t.Context(), "a", "b"); kindOf(err) != "response" {
		t.Errorf("a response without an asset of the request gave %+v, %v", results, err)
	}
	if _, err := c.Delete(t.Context(), "a"); client.Code(err) != "VOD.10074" {
		t.Errorf("a refusal gave %v", err)
	}
	for _, ids := range [][]string{nil, {""}, {"a,b"}, make([]string, 101)} {
		if _, err := c.Delete(t.Context(), ids...); kindOf(err) != "validation" {
			t.Errorf("%d IDs gave %v", len(ids), err)
		}
	}
}
