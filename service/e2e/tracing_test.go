package e2e_test

import (
	"bytes"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/vod-reproduction/vod/internal/servicetest"
)

// TestTraces follows a dump from its request to the stages of its asset.
func TestTraces(t *testing.T) {
	c := startCollector(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer "+servicetest.Canary)
	s := start(t, servicetest.NewDir(t))
	s.Put(t, servicetest.Bucket, "in/clip.mp4", []byte("clip"))
	const callers = "0123456789abcdef0123456789abcdef"
	accepted, err := s.send(servicetest.Context(t), http.MethodPost, dumpPath, request("in/clip.mp4", "clip"),
		"Idempotency-Key", "key", "Traceparent", "00-"+callers+"-0123456789abcdef-01")
	if err != nil || accepted.status != http.StatusOK {
		t.Fatal(accepted.status, err)
	}
	id, err := s.dump(servicetest.Context(t), request("in/clip.mp4", "clip"), "key")
	if err != nil {
		t.Fatal(err)
	}
	s.wait(t, id)
	s.Stop(t)

	requestID := accepted.header.Get("X-Request-Id")
	var root *trace.Span
	stages := map[string]*trace.Span{}
	for _, span := range c.spans(t) {
		switch {
		case attribute(span, "vod.asset_id") == id:
			stages[span.Name] = span
		case attribute(span, "vod.request_id") == requestID:
			root = span
		}
	}
	if root == nil || root.Name != "POST /v1.0/{project_id}/asset/reproduction" || len(root.Links) != 1 ||
		hex.EncodeToString(root.Links[0].TraceId) != callers {
		t.Fatalf("the span of the request is %v", root)
	}
	for _, name := range []string{"copy", "verify", "publish"} {
		span := stages[name]
		if span == nil || !bytes.Equal(span.TraceId, root.TraceId) || !bytes.Equal(span.ParentSpanId, root.SpanId) ||
			attribute(span, "vod.request_id") != requestID || span.EndTimeUnixNano < span.StartTimeUnixNano {
			t.Errorf("%s is %v", name, span)
		}
	}
	if bytes.Contains(bytes.Join(c.bodies, nil), []byte(servicetest.Canary)) {
		t.Error("the traces hold a secret")
	}
}

// TestTracesWithoutCollector works, and stops, while the collector is away.
func TestTracesWithoutCollector(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+servicetest.FreeAddress(t))
	s := start(t, servicetest.NewDir(t))
	s.Put(t, servicetest.Bucket, "in/clip.mp4", []byte("clip"))
	id, err := s.dump(servicetest.Context(t), request("in/clip.mp4", "clip"), "key")
	if err != nil {
		t.Fatal(err)
	}
	s.wait(t, id)
	s.Stop(t)
}

// otlp is a collector of traces.
type otlp struct {
	*httptest.Server
	mu     sync.Mutex
	bodies [][]byte
}

func startCollector(t *testing.T) *otlp {
	t.Helper()
	c := &otlp{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path != "/v1/traces" {
			http.Error(w, "not a trace", http.StatusBadRequest)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.bodies = append(c.bodies, body)
	}))
	t.Cleanup(c.Close)
	return c
}

// spans are all that were received so far.
func (c *otlp) spans(t *testing.T) (all []*trace.Span) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, body := range c.bodies {
		var got collector.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &got); err != nil {
			t.Fatal(err)
		}
		for _, r := range got.ResourceSpans {
			for _, scope := range r.ScopeSpans {
				all = append(all, scope.Spans...)
			}
		}
	}
	return all
}

// attribute is the text of an attribute, or "".
func attribute(span *trace.Span, name string) string {
	for _, a := range span.Attributes {
		if a.Key == name {
			return a.Value.GetStringValue()
		}
	}
	return ""
}
