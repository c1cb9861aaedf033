package contracttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

const (
	project = "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7"
	token   = "a token that opens"
)

// server is the smallest one that keeps the contract: one project, one token, one bucket, and no media.
type server struct {
	names Names
	made  atomic.Int64
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		refuse(w, contract.CodeRequestTooLarge, "")
		return
	}
	if r.Header.Get("X-Auth-Token") != token {
		refuse(w, contract.CodeNotAuthenticated, "")
		return
	}
	owner, ok := strings.CutPrefix(r.URL.Path, "/v1.0/")
	owner, ok2 := strings.CutSuffix(owner, "/asset/reproduction")
	switch kind, _, _ := strings.Cut(strings.ToLower(r.Header.Get("Content-Type")), ";"); {
	case !ok || !ok2 || r.Method != http.MethodPost:
		refuse(w, contract.CodeNoSuchAPI, "")
	case owner != project:
		refuse(w, contract.CodeWrongProject, "")
	case kind != "application/json":
		refuse(w, contract.CodeContentType, "")
	default:
		s.dump(w, body)
	}
}

func (s *server) dump(w http.ResponseWriter, body []byte) {
	request, violations := contract.Parse(body)
	keys := []string{s.names.Object, s.names.Playlist}
	switch {
	case violations != nil:
		refuse(w, contract.CodeIllegalParameter, violations.Error())
	case request.GetInput().GetLocation() != s.names.Region:
		refuse(w, contract.CodeWrongAddress, "input.location")
	case request.GetInput().GetBucket() != s.names.Bucket:
		refuse(w, contract.CodeBucketForbidden, "input.bucket")
	case request.CategoryID != nil && *request.CategoryID > 0:
		refuse(w, contract.CodeNoSuchCategory, "category_id")
	case !slices.Contains(keys, request.GetInput().GetObject()):
		refuse(w, contract.CodeNoSuchObject, "")
	case !s.has(request.TemplateGroupName, s.names.TemplateGroup, s.names.PlainTemplateGroup):
		refuse(w, contract.CodeIllegalParameter, "template_group_name")
	case request.TemplateGroupName == nil && !s.has(request.WorkflowName, s.names.Workflow):
		refuse(w, contract.CodeIllegalParameter, "workflow_name")
	case request.GetAutoEncrypt() == gen.AutoEncryptOn && request.TemplateGroupName != nil &&
		*request.TemplateGroupName == s.names.PlainTemplateGroup:
		refuse(w, contract.CodeIllegalParameter, "auto_encrypt")
	default:
		respond(w, http.StatusOK, gen.DumpResponse{AssetID: fmt.Sprintf("%032x", s.made.Add(1))})
	}
}

// has reports whether a name, where one is given, is one of those that the server knows.
func (s *server) has(name *string, known ...string) bool {
	return name == nil || *name != "" && slices.Contains(known, *name)
}

func refuse(w http.ResponseWriter, code contract.Code, detail string) {
	problem, _ := contract.Lookup(code)
	respond(w, problem.Status, gen.Error{ErrorCode: string(code), ErrorMsg: problem.Message + " " + detail})
}

func respond(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// signed adds the credentials that the server asks for.
type signed struct{ base http.RoundTripper }

func (s signed) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Auth-Token", token)
	return s.base.RoundTrip(r)
}

func target(t *testing.T, handler http.Handler, names Names) Target {
	listener := httptest.NewServer(handler)
	t.Cleanup(listener.Close)
	stranger := listener.Client()
	return Target{
		Endpoint: listener.URL, ProjectID: project, Names: names, MaxBody: 1 << 20, Timeout: 30 * time.Second,
		Client: &http.Client{Transport: signed{stranger.Transport}}, Stranger: stranger,
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	Run(t, target(t, &server{names: Example}, Example))
}

// TestRunInReviewRegion has a server that offers review and neither templates nor playlists.
func TestRunInReviewRegion(t *testing.T) {
	t.Parallel()
	names := Names{Bucket: "b", Object: "film.mp4", Region: contract.ReviewRegion}
	tried := 0
	for _, p := range probes(target(t, &server{names: names}, names)) {
		if p.skip == "" && strings.HasPrefix(p.name, "review") {
			tried++
		}
		if p.skip != "" && strings.HasPrefix(p.name, "review") {
			t.Errorf("%s is left out: %s", p.name, p.skip)
		}
		if p.skip == "" {
			if err := p.run(t.Context()); err != nil {
				t.Errorf("%s: %v", p.name, err)
			}
		}
	}
	if tried == 0 {
		t.Error("no review case was tried")
	}
}

// TestCasesOfAnyNames has names that the corpus uses itself, and some without letters.
func TestCasesOfAnyNames(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Names){
		"no letter":           func(n *Names) { n.Playlist = "2024/01/index.m3u8" },
		"another directory":   func(n *Names) { n.Playlist = "elsewhere/index.m3u8" },
		"a parent of its own": func(n *Names) { n.Playlist = "x/index.m3u8" },
		"another bucket":      func(n *Names) { n.Bucket = "elsewhere" },
		"a placeholder":       func(n *Names) { n.Bucket = "here" },
		"a mark in text":      func(n *Names) { n.Object = `"\u0000"` },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			names := Example
			change(&names)
			for _, c := range Cases(names) {
				var broken contract.Violation
				if _, violations := contract.Parse(c.Body); len(violations) > 0 {
					broken = violations[0]
				}
				if !c.ServerOnly && (broken.Rule != c.Rule || broken.Field != c.Field) {
					t.Errorf("%s breaks %q of %q, want %q of %q: %s", c.Name, broken.Rule, broken.Field, c.Rule, c.Field, c.Body)
				}
			}
		})
	}
}

// TestRunFindsLiars has servers that break the contract in one way each, and the probes that must see it.
func TestRunFindsLiars(t *testing.T) {
	t.Parallel()
	honest := func() http.Handler { return &server{names: Example} }
	changed := func(change func(status int, body string) (int, string, string)) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			kept := httptest.NewRecorder()
			honest().ServeHTTP(kept, r)
			status, kind, body := change(kept.Code, kept.Body.String())
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
	}
	const kind = "application/json"
	liars := map[string]struct {
		handler http.Handler
		caught  []string
	}{
		"takes everything": {changed(func(int, string) (int, string, string) { return 200, kind, `{"asset_id":"1"}` }),
			[]string{"title/empty", "http/GET", "http/no credentials", "http/too large", "same-region/another"}},
		"refuses everything": {changed(func(int, string) (int, string, string) {
			return 400, kind, `{"error_code":"VOD.10053","error_msg":"title"}`
		}), []string{"title/1 character", "input.bucket/most 1-byte characters", "http/JSON in upper case", "http/GET"}},
		"gives one asset to all": {changed(func(status int, body string) (int, string, string) {
			if status == 200 {
				body = `{"asset_id":"1"}`
			}
			return status, kind, body
		}), []string{"title/most 1-byte characters"}},
		"gives no asset": {changed(func(status int, body string) (int, string, string) {
			if status == 200 {
				body = `{}`
			}
			return status, kind, body
		}), []string{"title/1 character"}},
		"answers in plain text": {changed(func(status int, body string) (int, string, string) { return status, "text/plain", body }),
			[]string{"title/empty", "title/1 character", "http/unknown path"}},
		"names no field": {changed(func(status int, body string) (int, string, string) {
			if status != 200 {
				body = `{"error_code":"VOD.10053","error_msg":"bad"}`
			}
			return status, kind, body
		}), []string{"title/empty", "thumbnail.dots/-1", "same-region/another"}},
		"has no code": {changed(func(status int, body string) (int, string, string) {
			if status != 200 {
				body = `{"error_code":"","error_msg":"title"}`
			}
			return status, kind, body
		}), []string{"title/empty", "http/wrong token"}},
		"breaks on refusals": {changed(func(status int, body string) (int, string, string) {
			if status != 200 {
				status = 500
			}
			return status, kind, body
		}), []string{"title/empty", "text/50,000 open brackets", "input.object/most 4-byte characters"}},
		"sends on": {http.RedirectHandler("/elsewhere", http.StatusFound), []string{"title/1 character", "title/empty", "http/unknown path"}},
		"never ends": {changed(func(status int, _ string) (int, string, string) {
			return status, kind, strings.Repeat(" ", maxResponse+1)
		}),
			[]string{"title/1 character"}},
	}
	for name, liar := range liars {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			caught := map[string]bool{}
			for _, p := range probes(target(t, liar.handler, Example)) {
				if p.skip == "" && (slices.Contains(liar.caught, p.name) || p.name == "title/1 character") {
					caught[p.name] = p.run(t.Context()) != nil
				}
			}
			for _, probe := range liar.caught {
				if !caught[probe] {
					t.Errorf("%s does not see it", probe)
				}
			}
		})
	}
}

// TestRunDoesNotHang has a server that never responds.
func TestRunDoesNotHang(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	silent := target(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-gone:
		}
	}), Example)
	t.Cleanup(func() { close(gone) })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := probes(silent)[0].run(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestSkip(t *testing.T) {
	t.Parallel()
	skipped := map[string]bool{}
	for _, p := range probes(Target{Names: Example, Skip: []string{"maxLength", "title/empty", "http/GET"}}) {
		skipped[p.name] = p.skip != ""
	}
	for name, want := range map[string]bool{
		"title/too many 1-byte characters": true, "title/most 1-byte characters": false, "title/empty": true, "video_type/empty": false,
		"http/GET": true, "http/PUT": false, "review.porn/most": true, "review.porn/too much": false,
	} {
		if got, ok := skipped[name]; !ok || got != want {
			t.Errorf("%s: skipped %v, want %v (there: %v)", name, got, want, ok)
		}
	}
}
