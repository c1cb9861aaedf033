package client_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/client"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	asked := func(want url.Values) func(*testing.T, *http.Request, []byte) {
		return func(t *testing.T, r *http.Request, _ []byte) {
			if got := r.URL.Query().Encode(); got != want.Encode() {
				t.Errorf("query %s, want %s", got, want.Encode())
			}
		}
	}
	asset := func(id string) string { return fmt.Sprintf(`{"asset_id":%q,"status":"PUBLISHED"}`, id) }
	page := func(truncated string, assets ...string) string {
		return `{"asset_info_array":[` + strings.Join(assets, ",") + `],"is_truncated":` + truncated + `,"total":1}`
	}
	full := make([]string, 100)
	for i := range full {
		full[i] = asset(fmt.Sprint("a", i))
	}
	from := time.Date(2026, 1, 16, 9, 0, 0, 7e8, time.FixedZone("", 3600))
	for name, c := range map[string]struct {
		search   client.Search
		page     int
		want     url.Values
		response string
		found    int
		more     bool
		kind     string
	}{
		"everything":       {want: url.Values{"page": {"0"}, "size": {"100"}}, response: page("0", asset("a")), found: 1},
		"none":             {want: url.Values{"page": {"0"}, "size": {"100"}}, response: page("0")},
		"narrow":           {search: client.Search{Text: "a & b", From: from, To: from.Add(time.Hour)}, page: 3, want: url.Values{"page": {"3"}, "size": {"100"}, "query_string": {"a & b"}, "start_time": {"20260116080000"}, "end_time": {"20260116090000"}}, response: page("1", asset("a"), asset("b")), found: 2, more: true},
		"full, end unsaid": {want: url.Values{"page": {"0"}, "size": {"100"}}, response: page(`"no"`, full...), found: 100, more: true},
		"no ID":            {want: url.Values{"page": {"0"}, "size": {"100"}}, response: page("0", `{"status":"PUBLISHED"}`), kind: "response"},
		"harmful ID":       {want: url.Values{"page": {"0"}, "size": {"100"}}, response: page("0", asset("a/../b")), kind: "response"},
		"no list":          {want: url.Values{"page": {"0"}, "size": {"100"}}, response: "{}", kind: "response"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			server := script(t, clock, step{want: info, status: 200, body: c.response, check: asked(c.want)})
			found, more, err := connect(t, server.URL, clock).SearchPage(t.Context(), c.search, c.page)
			if len(found) != c.found || more != c.more || (err != nil) != (c.kind != "") || err != nil && kindOf(err) != c.kind {
				t.Errorf("Search gave %d assets, more %t, %v", len(found), more, err)
			}
		})
	}
	long := client.Search{Text: strings.Repeat("x", 1025)}
	clock := newClock()
	if _, _, err := connect(t, script(t, clock).URL, clock).SearchPage(t.Context(), long, 0); kindOf(err) != "validation" {
		t.Errorf("a text that is too long gave %v", err)
	}
}

// TestSearchAll ranges over two pages, which an asset that is created in between makes overlap.
func TestSearchAll(t *testing.T) {
	t.Parallel()
	page := func(more int, ids ...string) string {
		for i, id := range ids {
			ids[i] = fmt.Sprintf(`{"asset_id":%q,"status":"PUBLISHED"}`, id)
		}
		return fmt.Sprintf(`{"asset_info_array":[%s],"is_truncated":%d,"total":3}`, strings.Join(ids, ","), more)
	}
	for name, test := range map[string]struct {
		steps []step
		most  int // assets after which the loop breaks
		want  string
		kind  string
	}{
		"all":         {[]step{ok(info, page(1, "c", "b")), ok(info, page(0, "b", "a"))}, 9, "c b a", ""},
		"broken off":  {[]step{ok(info, page(1, "c", "b"))}, 2, "c b", ""},
		"second page": {[]step{ok(info, page(1, "c", "b")), refusal(info, 403, "VOD.10074", "no")}, 9, "c b", "api"},
		"none":        {[]step{ok(info, page(0))}, 9, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			var got []string
			var failed error
			for asset, err := range connect(t, script(t, clock, test.steps...).URL, clock).Search(t.Context(), client.Search{}) {
				if failed = err; err != nil {
					continue // nothing may follow
				}
				if got = append(got, asset.AssetID); len(got) == test.most {
					break
				}
			}
			if strings.Join(got, " ") != test.want || (failed != nil) != (test.kind != "") || failed != nil && kindOf(failed) != test.kind {
				t.Errorf("got %v, %v", got, failed)
			}
		})
	}
}

// A server that lists the same page whatever it is asked for ends the search, and not the program's patience.
func TestSearchOfAServerWithoutPages(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"asset_info_array":[{"asset_id":"a","status":"PUBLISHED"}],"is_truncated":1,"total":9}`)
	}))
	defer server.Close()
	var found int
	var failed error
	for _, err := range connect(t, server.URL, newClock()).Search(t.Context(), client.Search{}) {
		if failed = err; err == nil {
			found++
		}
	}
	if found != 1 || kindOf(failed) != "response" || asked.Load() > 20 {
		t.Errorf("found %d assets in %d pages: %v", found, asked.Load(), failed)
	}
}

func TestCreatedAt(t *testing.T) {
	t.Parallel()
	for response, want := range map[string]string{
		`{"create_time":"20260116080000"}`: "2026-01-16T08:00:00Z", `{"create_time":"soon"}`: "", `{"create_time":7}`: "", `{}`: "",
	} {
		clock := newClock()
		body := `{"asset_info_array":[{"asset_id":"a","status":"CREATED","base_info":` + response + `}]}`
		found, _, err := connect(t, script(t, clock, ok(info, body)).URL, clock).SearchPage(t.Context(), client.Search{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if at, ok := client.CreatedAt(found[0]); ok {
			got = at.Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("%s gave %q, want %q", response, got, want)
		}
	}
}
