package client_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen/companions"
)

func TestUpload(t *testing.T) {
	t.Parallel()
	clock := newClock()
	const create, confirm = "POST asset", "POST uploaded"
	server := script(t, clock,
		refusal(create, 503, "VOD.10052", "later"),
		step{want: create, status: 200, body: `{"asset_id":"1","video_upload_url":"https://obs/1","target":{"bucket":"b","location":"l","object":"o"}}`,
			check: func(t *testing.T, _ *http.Request, body []byte) {
				if got := string(body); got != `{"title":"a","video_name":"a.mp4","video_type":"MP4"}` {
					t.Errorf("body %s", got)
				}
			}},
		ok(create, `{"asset_id":"1"}`),
		step{want: confirm, status: 200, body: `{"asset_id":"1"}`,
			check: func(t *testing.T, _ *http.Request, body []byte) {
				if got := string(body); got != `{"asset_id":"1","status":"CREATED"}` {
					t.Errorf("body %s", got)
				}
			}},
		ok(confirm, `{"asset_id":"2"}`),
		refusal(confirm, 400, "VOD.10003", "not there"),
	)
	c := connect(t, server.URL, clock)
	upload := &companions.FileUpload{Title: "a", VideoName: "a.mp4", VideoType: companions.UploadTypeMP4}
	if target, err := c.CreateUpload(t.Context(), upload); err != nil || target.AssetID != "1" || target.Target.Object != "o" {
		t.Errorf("%+v, %v", target, err)
	}
	if _, err := c.CreateUpload(t.Context(), upload); kindOf(err) != "response" {
		t.Errorf("no address gave %v", err)
	}
	if _, err := c.CreateUpload(t.Context(), &companions.FileUpload{}); kindOf(err) != "validation" {
		t.Errorf("an empty request gave %v", err)
	}
	if err := c.ConfirmUpload(t.Context(), "1", companions.UploadResultCreated); err != nil {
		t.Error(err)
	}
	if err := c.ConfirmUpload(t.Context(), "1", companions.UploadResultCreated); kindOf(err) != "response" {
		t.Errorf("another asset gave %v", err)
	}
	if err := c.ConfirmUpload(t.Context(), "1", companions.UploadResultCreated); client.Code(err) != "VOD.10003" {
		t.Errorf("a refusal gave %v", err)
	}
	if err := c.ConfirmUpload(t.Context(), "1", "DONE"); kindOf(err) != "validation" {
		t.Errorf("an unknown status gave %v", err)
	}
}

func TestTemplateGroups(t *testing.T) {
	t.Parallel()
	clock := newClock()
	const list = "GET transcodings"
	group := `{"group_id":"hd","name":"hd","status":"0","type":"custom_template_group","auto_encrypt":0,"quality_info_list":[]}`
	page := func(number string, groups int) step {
		return step{want: list, status: 200, body: `{"total":101,"template_group_list":[` + strings.TrimSuffix(strings.Repeat(group+",", groups), ",") + `]}`,
			check: func(t *testing.T, r *http.Request, _ []byte) {
				if got := r.URL.RawQuery; got != "page="+number+"&size=100" {
					t.Errorf("query %s", got)
				}
			}}
	}
	server := script(t, clock, page("0", 100), page("1", 1), refusal(list, 403, "VOD.10074", "no"))
	c := connect(t, server.URL, clock)
	if groups, err := c.TemplateGroups(t.Context()); err != nil || len(groups) != 101 || groups[100].Name != "hd" {
		t.Errorf("%d groups, %v", len(groups), err)
	}
	if groups, err := c.TemplateGroups(t.Context()); client.Code(err) != "VOD.10074" || len(groups) != 0 {
		t.Errorf("%d groups, %v", len(groups), err)
	}
}
