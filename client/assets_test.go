package client_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
)

// TestAssets shows that the response is put into the order of the question, and that odd fields do not hide good ones.
func TestAssets(t *testing.T) {
	t.Parallel()
	clock := newClock()
	server := script(t, clock, step{
		want: info, status: 200,
		check: func(t *testing.T, r *http.Request, _ []byte) {
			if r.URL.RawQuery != "asset_id=a&asset_id=b&asset_id=c" {
				t.Errorf("query %s", r.URL.RawQuery)
			}
		},
		body: `{"asset_info_array":[
			{"asset_id":"c","status":"NOASSET"},
			{"asset_id":"stranger","status":"PUBLISHED"},
			{"asset_id":"a","status":"PUBLISHED","new":{"x":[1]},"base_info":{"title":"t","meta_data":{"frame_rate":29.97,"pack_type":null,"height":720}}}
		],"is_truncated":0,"total":"three"}`,
	})
	got, err := connect(t, server.URL, clock).Assets(t.Context(), "a", "b", "c")
	if err != nil {
		t.Fatal(err)
	}
	want := "a PUBLISHED, b NO_ASSET, c NO_ASSET"
	var said []string
	for _, asset := range got {
		said = append(said, asset.AssetID+" "+string(asset.Status))
	}
	if strings.Join(said, ", ") != want {
		t.Errorf("assets %s, want %s", strings.Join(said, ", "), want)
	}
	meta := got[0].BaseInfo.MetaData
	if meta.FrameRate != nil && *meta.FrameRate != 0 || meta.Height == nil || *meta.Height != 720 || *got[0].BaseInfo.Title != "t" {
		t.Errorf("metadata %+v", meta)
	}
}

func TestQueryAnswersOutsideTheContract(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "null", "[]", "{}", `{"asset_info_array":null}`, `{"asset_info_array":[]} x`,
		`{"asset_info_array":[{"asset_id":"a","status":"CREATED","status":"PUBLISHED"}]}`, `{"asset_info_array":[{"asset_id":"a"`} {
		clock := newClock()
		_, err := connect(t, script(t, clock, ok(info, body)).URL, clock).Asset(t.Context(), "a")
		if kindOf(err) != "response" || client.Retryable(err) {
			t.Errorf("%s gave %v", body, err)
		}
	}
}

func TestDetails(t *testing.T) {
	t.Parallel()
	clock := newClock()
	const want = "GET details"
	server := script(t, clock,
		step{want: want, status: 200, body: `{"asset_id":"a","base_info":{"processing":[{"name":"snapshot","state":"not_done"}]}}`,
			check: func(t *testing.T, r *http.Request, _ []byte) {
				if r.URL.RawQuery != "asset_id=a&categories=base_info&categories=thumbnail_info" {
					t.Errorf("query %s", r.URL.RawQuery)
				}
			}},
		ok(want, `{"asset_id":"b"}`),
		refusal(want, 404, "VOD.10062", "no such asset"),
	)
	c := connect(t, server.URL, clock)
	details, err := c.Details(t.Context(), "a", companions.DetailCategoryBaseInfo, companions.DetailCategoryThumbnailInfo)
	if err != nil || details.BaseInfo.Processing[0].State != companions.StepStateNotDone {
		t.Errorf("Details gave %+v, %v", details, err)
	}
	if _, err := c.Details(t.Context(), "a"); kindOf(err) != "response" {
		t.Errorf("details of another asset gave %v", err)
	}
	if _, err := c.Details(t.Context(), "a"); client.Code(err) != contract.CodeNoSuchAsset {
		t.Errorf("a missing asset gave %v", err)
	}
}

func TestAuthorizeBucket(t *testing.T) {
	t.Parallel()
	clock := newClock()
	const want = "PUT authority"
	sends := func(want string) func(*testing.T, *http.Request, []byte) {
		return func(t *testing.T, _ *http.Request, body []byte) {
			if string(body) != want {
				t.Errorf("body %s, want %s", body, want)
			}
		}
	}
	server := script(t, clock,
		step{want: want, status: 200, check: sends(`{"bucket":"media","operation":"1"}`)}.with("Content-Type", ""),
		step{want: want, status: 200, check: sends(`{"bucket":"media","operation":"0"}`), body: "{}"},
		step{want: want, status: 200, body: "<html>login</html>"}.with("Content-Type", "text/html"),
		step{want: want, status: 502}, step{want: want, status: 200},
		refusal(want, 403, "VOD.10115", "The bucket is an output bucket."),
	)
	c := connect(t, server.URL, clock)
	if err := c.AuthorizeBucket(t.Context(), "media"); err != nil {
		t.Error(err)
	}
	if err := c.RevokeBucket(t.Context(), "media"); err != nil {
		t.Error(err)
	}
	if err := c.AuthorizeBucket(t.Context(), "media"); kindOf(err) != "response" {
		t.Errorf("a login page gave %v", err)
	}
	if err := c.AuthorizeBucket(t.Context(), "media"); err != nil {
		t.Errorf("after a lost response: %v", err)
	}
	if err := c.RevokeBucket(t.Context(), "media"); !strings.Contains(client.Hint(err), "choose another output bucket") {
		t.Errorf("refusal %v, hint %q", err, client.Hint(err))
	}
}
