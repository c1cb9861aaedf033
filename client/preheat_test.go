package client_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
)

func TestPreheat(t *testing.T) {
	t.Parallel()
	const want = "POST preheating"
	sends := func(want string) func(*testing.T, *http.Request, []byte) {
		return func(t *testing.T, _ *http.Request, body []byte) {
			if string(body) != want {
				t.Errorf("body %s, want %s", body, want)
			}
		}
	}
	clock := newClock()
	server := script(t, clock,
		step{want: want, status: 202, check: sends(`{"asset_id":"a"}`), body: `{"task_id":"t1"}`},
		step{want: want, status: 502}, step{want: want, status: 202, check: sends(`{"urls":["https://cdn.example.com/x"]}`), body: `{"task_id":"t2"}`},
		step{want: want, status: 200, body: `{"task_id":"t3"}`},
		step{want: want, status: 202, body: `{"task_id":""}`},
		step{want: want, status: 202, body: `{}`},
		refusal(want, 403, "VOD.10110", "no CDN domain"),
	)
	c := connect(t, server.URL, clock)
	asset := &companions.PreheatRequest{AssetID: new("a")}
	if task, err := c.Preheat(t.Context(), asset); task != "t1" || err != nil {
		t.Errorf("an asset gave %q, %v", task, err)
	}
	urls := &companions.PreheatRequest{URLs: []string{"https://cdn.example.com/x"}}
	if task, err := c.Preheat(t.Context(), urls); task != "t2" || err != nil {
		t.Errorf("a URL, after a lost response, gave %q, %v", task, err)
	}
	for _, odd := range []string{"status 200", "an empty task ID", "no task ID"} {
		if task, err := c.Preheat(t.Context(), asset); task != "" || kindOf(err) != "response" {
			t.Errorf("%s gave %q, %v", odd, task, err)
		}
	}
	if _, err := c.Preheat(t.Context(), asset); !strings.Contains(client.Hint(err), "CDN domain") {
		t.Errorf("no edge gave %v, hint %q", err, client.Hint(err))
	}
	for _, bad := range []*companions.PreheatRequest{nil, {}, {AssetID: new("a"), URLs: urls.URLs}, {URLs: []string{"x"}}} {
		var invalid *client.ValidationError
		if _, err := c.Preheat(t.Context(), bad); !errors.As(err, &invalid) {
			t.Errorf("%+v gave %v", bad, err)
		}
	}
}

func TestPreheatResults(t *testing.T) {
	t.Parallel()
	const want = "GET preheating"
	clock := newClock()
	server := script(t, clock,
		step{want: want, status: 200, check: func(t *testing.T, r *http.Request, _ []byte) {
			if r.URL.RawQuery != "task_id=t1" {
				t.Errorf("query %s", r.URL.RawQuery)
			}
		}, body: `{"preheating_results":[{"url":"u","status":"succeed"},{"url":"v","status":"failed","error":"404"}]}`},
		ok(want, `{}`),
		refusal(want, 404, "VOD.10062", "no such task"),
	)
	c := connect(t, server.URL, clock)
	results, err := c.PreheatResults(t.Context(), "t1")
	if err != nil || len(results) != 2 || results[0].Status != companions.PreheatStatusSucceeded || *results[1].Error != "404" {
		t.Errorf("PreheatResults gave %+v, %v", results, err)
	}
	if _, err := c.PreheatResults(t.Context(), "t1"); kindOf(err) != "response" {
		t.Errorf("a response without results gave %v", err)
	}
	if _, err := c.PreheatResults(t.Context(), "t1"); client.Code(err) != contract.CodeNoSuchAsset {
		t.Errorf("a missing task gave %v", err)
	}
}
