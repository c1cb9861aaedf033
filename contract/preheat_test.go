package contract_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
)

func TestValidatePreheat(t *testing.T) {
	t.Parallel()
	urls := func(n int) string {
		return `["` + strings.Join(slices.Repeat([]string{"https://cdn.example.com/a.mp4"}, n), `","`) + `"]`
	}
	long := "https://cdn.example.com/" + strings.Repeat("x", 2048)
	for _, c := range []struct{ name, body, want string }{
		{"an asset", `{"asset_id":"a"}`, ""},
		{"one URL", `{"urls":["http://cdn.example.com"]}`, ""},
		{"10 URLs", `{"urls":` + urls(10) + `}`, ""},
		{"a URL with a query", `{"urls":["https://cdn.example.com:8443/a%20b.mp4?x=1"]}`, ""},
		{"nothing", `{}`, "asset_id preheat-one-target"},
		{"both", `{"asset_id":"a","urls":` + urls(1) + `}`, "asset_id preheat-one-target"},
		{"an empty ID", `{"asset_id":""}`, "asset_id minLength"},
		{"no URL", `{"urls":[]}`, "asset_id preheat-one-target"},
		{"an ID and no URL", `{"asset_id":"a","urls":[]}`, ""},
		{"11 URLs", `{"urls":` + urls(11) + `}`, "urls maxItems"},
		{"an empty URL", `{"urls":[""]}`, "urls[0] pattern"},
		{"a path", `{"urls":["https://cdn.example.com/","/media/a.mp4"]}`, "urls[1] pattern"},
		{"a script", `{"urls":["javascript:alert(1)"]}`, "urls[0] pattern"},
		{"no host", `{"urls":["https:///a.mp4"]}`, "urls[0] pattern"},
		{"a line break", `{"urls":["https://cdn.example.com/a\nb"]}`, "urls[0] pattern"},
		{"a fragment", `{"urls":["https://cdn.example.com/a#b"]}`, "urls[0] pattern"},
		{"a long URL", `{"urls":["` + long + `"]}`, "urls[0] maxLength"},
		{"an unknown field", `{"asset_id":"a","url":"x"}`, "url additionalProperties"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			request, violations := contract.DecodeInto[companions.PreheatRequest]([]byte(c.body))
			var said []string
			for _, v := range append(violations, contract.ValidatePreheat(request)...) {
				said = append(said, v.Field+" "+v.Rule)
			}
			if got := strings.Join(said, ", "); got != c.want {
				t.Errorf("%s: got %q, want %q", c.body, got, c.want)
			}
		})
	}
}
