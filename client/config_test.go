package client_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/signer"
)

func serveHTTP(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	pen, err := signer.New(keys)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ endpoint, region, want string }{
		{"https://vod.example.com", "", "https://vod.example.com/v1.0/p"},
		{"https://vod.example.com/", "", "https://vod.example.com/v1.0/p"},
		{"vod.example.com", "", "https://vod.example.com/v1.0/p"},
		{"127.0.0.1:8080", "", "https://127.0.0.1:8080/v1.0/p"},
		{"[::1]:8080", "", "https://[::1]:8080/v1.0/p"},
		{"http://h/gw/vod", "", "http://h/gw/vod/v1.0/p"},
		{"http://h/gw/vod///", "", "http://h/gw/vod/v1.0/p"},
		{"http://h/a%2Fb", "", "http://h/a%2Fb/v1.0/p"},
		{"", "cn-north-4", "https://vod.cn-north-4.myhuaweicloud.com/v1.0/p"},
		{"https://mine", "cn-north-4", "https://mine/v1.0/p"},
		{"", "", ""},
		{"", "cn-north-4.evil.example", ""},
		{"", "x", ""},
		{"ftp://h", "", ""},
		{"https://", "", ""},
		{"https://:443", "", ""},
		{"https://user:pw@h", "", ""},
		{"https://h/?a=b", "", ""},
		{"https://h/#a", "", ""},
		{"https://h/a/../b", "", ""},
		{"https://h/%2e%2e/b", "", ""},
		{"https://h:port", "", ""},
		{"https://h h", "", ""},
	}
	for _, test := range tests {
		c, err := client.New(client.Config{Endpoint: test.endpoint, Region: test.region, ProjectID: "p", Auth: pen})
		switch {
		case test.want == "" && err == nil:
			t.Errorf("Endpoint %q, Region %q was taken as %s", test.endpoint, test.region, c)
		case test.want == "" && strings.Contains(err.Error(), "pw"):
			t.Errorf("the error repeats a password: %v", err)
		case test.want != "" && (err != nil || c.String() != test.want):
			t.Errorf("Endpoint %q, Region %q gave %v, %v; want %s", test.endpoint, test.region, c, err, test.want)
		}
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	pen, err := signer.New(keys)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*client.Config){
		"no project":             func(c *client.Config) { c.ProjectID = "" },
		"project ..":             func(c *client.Config) { c.ProjectID = ".." },
		"project .":              func(c *client.Config) { c.ProjectID = "." },
		"project with a slash":   func(c *client.Config) { c.ProjectID = "a/b" },
		"project with a query":   func(c *client.Config) { c.ProjectID = "a/../b?x=1#f" },
		"project with a line":    func(c *client.Config) { c.ProjectID = "a\n" },
		"project too long":       func(c *client.Config) { c.ProjectID = strings.Repeat("p", 65) },
		"no credentials":         func(c *client.Config) { c.Auth = nil },
		"credentials refused":    func(c *client.Config) { c.Auth, _ = signer.New(signer.Credentials{}) },
		"agent with a line":      func(c *client.Config) { c.UserAgent = "a\r\nX: y" },
		"agent too long":         func(c *client.Config) { c.UserAgent = strings.Repeat("a", 257) },
		"negative timeout":       func(c *client.Config) { c.Timeout = -time.Second },
		"negative retry":         func(c *client.Config) { c.Retry.MaxAttempts = -1 },
		"negative delay":         func(c *client.Config) { c.Retry.BaseDelay = -1 },
		"negative longest delay": func(c *client.Config) { c.Retry.MaxDelay = -1 },
	} {
		config := client.Config{Endpoint: "http://127.0.0.1:1", ProjectID: project, Auth: pen}
		change(&config)
		if _, err := client.New(config); err == nil {
			t.Errorf("%s: New took it", name)
		}
	}
}

// TestNotSent lists requests that other clients send as they are.
func TestNotSent(t *testing.T) {
	t.Parallel()
	server := script(t, newClock())
	c := connect(t, server.URL, newClock())
	seventeen := strings.TrimSuffix(strings.Repeat("t,", 17), ",")
	seven, ninetyNine, mode := gen.AutoPublish(7), int32(99), gen.StorageModeTenant
	tests := []struct {
		name   string
		change func(*gen.DumpRequest)
		fields []string
	}{
		{"unknown video_type", func(r *gen.DumpRequest) { r.VideoType = "EXE" }, []string{"video_type"}},
		{"no video_type", func(r *gen.DumpRequest) { r.VideoType = "" }, []string{"video_type"}},
		{"title that is too long", func(r *gen.DumpRequest) { r.Title = strings.Repeat("ä", 10_000) }, []string{"title"}},
		{"no title", func(r *gen.DumpRequest) { r.Title = "" }, []string{"title"}},
		{"title that is not UTF-8", func(r *gen.DumpRequest) { r.Title = "a\xffb" }, []string{"title"}},
		{"title of 32 MiB", func(r *gen.DumpRequest) { r.Title = strings.Repeat("x", 32<<20) }, []string{"title"}},
		{"no input", func(r *gen.DumpRequest) { r.Input = gen.FileAddr{} }, []string{"input.bucket", "input.location", "input.object"}},
		{"storage_mode 1 without output", func(r *gen.DumpRequest) { r.StorageMode = &mode }, []string{"output_bucket", "output_path"}},
		{"HLS copied", func(r *gen.DumpRequest) { r.VideoType = gen.VideoTypeHLS }, []string{"storage_mode"}},
		{"three faults", func(r *gen.DumpRequest) {
			r.AutoPublish, r.Tags = &seven, &seventeen
			r.Thumbnail = &gen.Thumbnail{Type: gen.ThumbnailTypeQuantity, Quantity: &ninetyNine}
		}, []string{"auto_publish", "tags", "thumbnail.quantity"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			request := example()
			test.change(request)
			_, err := c.Dump(t.Context(), request)
			var invalid *client.ValidationError
			if !errors.As(err, &invalid) {
				t.Fatalf("Dump gave %v", err)
			}
			var fields []string
			for _, v := range invalid.Violations {
				fields = append(fields, v.Field)
			}
			slices.Sort(fields)
			if !slices.Equal(fields, test.fields) {
				t.Errorf("fields %q, want %q", fields, test.fields)
			}
			var violations contract.Violations
			if !errors.As(err, &violations) || client.Retryable(err) || client.Code(err) != "" || client.Hint(err) == "" {
				t.Errorf("%T: hint %q", err, client.Hint(err))
			}
		})
	}
	if _, err := c.Dump(t.Context(), nil); kindOf(err) != "validation" {
		t.Errorf("a nil request gave %v", err)
	}
	many := strings.Split(strings.Repeat("id,", 11), ",")[:11]
	for name, call := range map[string]func() error{
		"11 IDs":           func() error { _, err := c.Assets(t.Context(), many...); return err },
		"no ID":            func() error { _, err := c.Assets(t.Context()); return err },
		"empty ID":         func() error { _, err := c.Asset(t.Context(), ""); return err },
		"empty ID waiting": func() error { _, err := c.Wait(t.Context(), ""); return err },
		"no such category": func() error { _, err := c.Details(t.Context(), "id", "all"); return err },
		"no bucket":        func() error { return c.AuthorizeBucket(t.Context(), "") },
		"no encrypted ID":  func() error { _, err := c.Cipher(t.Context(), ""); return err },
		"no task":          func() error { _, err := c.PreheatResults(t.Context(), ""); return err },
	} {
		if err := call(); kindOf(err) != "validation" {
			t.Errorf("%s gave %v", name, err)
		}
	}
}

// TestOnTheWire pins what leaves the machine: nothing about the machine or its user, and zeros that mean something.
func TestOnTheWire(t *testing.T) {
	t.Parallel()
	clock := newClock()
	off := gen.AutoPublishOff
	request := example()
	request.AutoPublish = &off
	server := script(t, clock, step{want: post, status: 200, body: accepted().body, check: func(t *testing.T, r *http.Request, body []byte) {
		var names []string
		for name := range r.Header {
			names = append(names, name)
		}
		slices.Sort(names)
		want := []string{"Accept", "Accept-Encoding", "Authorization", "Content-Length", "Content-Type", "Idempotency-Key",
			"User-Agent", "X-Project-Id", "X-Sdk-Date"}
		if !slices.Equal(names, want) {
			t.Errorf("headers %q, want %q", names, want)
		}
		if r.URL.Path != "/gw/v1.0/"+project+"/asset/reproduction" || r.URL.RawQuery != "" {
			t.Errorf("sent to %s", r.URL)
		}
		if got := r.Header.Get("Authorization"); !strings.Contains(got, "host;idempotency-key;x-project-id;x-sdk-date") {
			t.Errorf("signed as %s", got)
		}
		if got := r.Header.Get("User-Agent"); got != "uploader/1.4 vod (+https://github.com/vod-reproduction/vod)" {
			t.Errorf("User-Agent %q", got)
		}
		const wantBody = `{"video_type":"MP4","title":"title","auto_publish":0,"input":{"bucket":"bucket","location":"cn-north-4","object":"path"}}`
		if string(body) != wantBody {
			t.Errorf("body %s, want %s", body, wantBody)
		}
	}})
	if _, err := connect(t, server.URL+"/gw", clock, func(c *client.Config) { c.UserAgent = "uploader/1.4" }).Dump(t.Context(), request); err != nil {
		t.Fatal(err)
	}
}

// TestOneSpelling dumps every format of the document that has two spellings: one of them is sent, and the caller's request
// stays as it is.
func TestOneSpelling(t *testing.T) {
	t.Parallel()
	formats, _ := contract.Field("video_type")
	for _, name := range formats.Enum {
		format := gen.VideoType(name)
		sent := contract.Canonical(format)
		if sent == format {
			continue
		}
		clock := newClock()
		server := script(t, clock, step{want: post, status: 200, body: accepted().body, check: func(t *testing.T, _ *http.Request, body []byte) {
			if want := `{"video_type":"` + string(sent) + `",`; !strings.HasPrefix(string(body), want) {
				t.Errorf("body %s, want %s", body, want)
			}
		}})
		request := example()
		request.VideoType = format
		if _, err := connect(t, server.URL, clock).Dump(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		if request.VideoType != format {
			t.Error("Dump changed the caller's request")
		}
	}
}

// TestManyAtOnce shares one client among goroutines; the race detector is the judge.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	clock := newClock()
	var mu sync.Mutex
	seen := map[string]bool{}
	c := connect(t, serveHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("Idempotency-Key")
		mu.Lock()
		again := seen[key]
		seen[key] = true
		mu.Unlock()
		if !again {
			respond(w, refusal(post, 429, "APIGW.0308", "slow"))
			return
		}
		respond(w, accepted().with("Vod-Idempotency", "supported"))
	})), clock)
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			if _, err := c.Dump(t.Context(), example()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(seen) != 64 {
		t.Errorf("%d different keys, want 64", len(seen))
	}
}
