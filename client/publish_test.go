package client_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen/companions"
)

func TestPublish(t *testing.T) {
	t.Parallel()
	for name, publish := range map[string]func(*client.Client, context.Context, ...string) ([]companions.AssetInfo, error){
		"publish": (*client.Client).Publish, "unpublish": (*client.Client).Unpublish,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			want := "POST " + name
			server := script(t, clock,
				step{want: want, status: 200,
					body: `{"asset_info_array":[{"asset_id":"b","status":"NO_ASSET"},{"asset_id":"a","status":"PUBLISHED"}]}`,
					check: func(t *testing.T, _ *http.Request, body []byte) {
						if got := string(body); got != `{"asset_id":["a","b"]}` {
							t.Errorf("body %s", got)
						}
					}},
				ok(want, `{"asset_info_array":[{"asset_id":"a","status":"PUBLISHED"}]}`),
				refusal(want, 403, "VOD.10074", "no permission"),
			)
			c := connect(t, server.URL, clock)
			infos, err := publish(c, t.Context(), "a", "b")
			if err != nil || len(infos) != 2 || infos[0].AssetID != "a" || infos[1].Status != companions.AssetStatusNoAsset {
				t.Errorf("%+v, %v, want the assets in the order of the request", infos, err)
			}
			if infos, err := publish(c, t.Context(), "a", "b"); kindOf(err) != "response" {
				t.Errorf("a response without an asset of the request gave %+v, %v", infos, err)
			}
			if _, err := publish(c, t.Context(), "a"); client.Code(err) != "VOD.10074" {
				t.Errorf("a refusal gave %v", err)
			}
			if _, err := publish(c, t.Context()); kindOf(err) != "validation" {
				t.Errorf("no asset gave %v", err)
			}
			if _, err := publish(c, t.Context(), ""); kindOf(err) != "validation" {
				t.Errorf("an empty ID gave %v", err)
			}
		})
	}
}
