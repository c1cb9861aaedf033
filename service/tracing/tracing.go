// Package tracing sends spans of requests and of the work that they caused to a collector, by OTLP over HTTP. The trace of
// a request and of its asset's stages follows from the ID of the request, so that whichever process works on the asset,
// also after a crash, adds to the same trace.
package tracing

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/metrics"
)

// Tracer records spans. A nil Tracer records nothing. Its methods may be called from any goroutine. No attribute holds
// what a caller wrote: neither titles nor keys of objects, and no part of a credential.
type Tracer struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

// endpoints are the standard variables that name the collector, of which the first one that is set counts; without either of
// them nothing is recorded.
var endpoints = []string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"}

// New returns the tracer that the environment asks for by OpenTelemetry's variables, or nil when they name no collector.
// A collector that is away holds nothing up: its spans are dropped, and log says so.
func New(ctx context.Context, node string, log *slog.Logger) (*Tracer, error) {
	used := slices.IndexFunc(endpoints, func(name string) bool { return os.Getenv(name) != "" })
	if used < 0 {
		return nil, nil
	}
	// The exporter would say nothing, and send to localhost.
	if u, err := url.Parse(os.Getenv(endpoints[used])); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, fmt.Errorf("%s is not a URL that begins with http:// or https://", endpoints[used])
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("prepare tracing as %s says: %w", endpoints[1], err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		log.LogAttrs(ctx, slog.LevelWarn, "traces are lost", slog.Any("error", err))
	}))
	about, err := resource.Merge(resource.NewSchemaless(attribute.String("service.name", "vod"), attribute.String("service.instance.id", node)),
		resource.Environment())
	if err != nil {
		return nil, fmt.Errorf("describe this process for tracing: %w", err)
	}
	p := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithIDGenerator(ids{}), sdktrace.WithResource(about))
	return &Tracer{p, p.Tracer("github.com/vod-reproduction/vod/service")}, nil
}

// Request records a request that has just ended.
func (t *Tracer) Request(r metrics.Request) {
	if t == nil {
		return
	}
	options := []trace.SpanStartOption{
		trace.WithTimestamp(time.Now().Add(-r.Took)), trace.WithSpanKind(trace.SpanKindServer), trace.WithNewRoot(),
		trace.WithAttributes(attribute.String("vod.request_id", r.ID), attribute.Int("http.response.status_code", r.Status)),
	}
	if r.Code != "" {
		options = append(options, trace.WithAttributes(attribute.String("vod.error_code", r.Code)))
	}
	// A trace of the client's own goes on there: the work on an asset may take hours more.
	caller := propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{"traceparent": r.Traceparent})
	if link := trace.LinkFromContext(caller); link.SpanContext.IsValid() {
		options = append(options, trace.WithLinks(link))
	}
	_, span := t.tracer.Start(context.WithValue(context.Background(), rootKey{}, contextOf(r.ID)), r.Operation, options...)
	if r.Status >= 500 {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// Stage records a stage that has ended, of an asset that a request with this ID asked for.
func (t *Tracer) Stage(requestID, assetID string, st asset.Stage) {
	if t == nil || st.StartedAt.IsZero() {
		return // it never ran
	}
	_, span := t.tracer.Start(trace.ContextWithSpanContext(context.Background(), contextOf(requestID)), st.Name,
		trace.WithTimestamp(st.StartedAt), trace.WithAttributes(
			attribute.String("vod.request_id", requestID), attribute.String("vod.asset_id", assetID),
			attribute.String("vod.state", string(st.State)), attribute.Int64("vod.bytes", st.Bytes)))
	if st.State == asset.StageFailed {
		span.SetStatus(codes.Error, "")
	}
	span.End(trace.WithTimestamp(st.EndedAt))
}

// Enabled reports whether anything is recorded.
func (t *Tracer) Enabled() bool { return t != nil }

// Close sends what was recorded, until ctx is done.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// contextOf is the span of the request with this ID.
func contextOf(requestID string) trace.SpanContext {
	sum := sha256.Sum256([]byte(requestID))
	return trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID(sum[:16]), SpanID: trace.SpanID(sum[16:24]), TraceFlags: trace.FlagsSampled,
	})
}

// rootKey is the key of a context that says which IDs a root span has.
type rootKey struct{}

// ids gives the spans of requests the IDs that follow from theirs, and all others random ones.
type ids struct{}

// NewIDs implements sdktrace.IDGenerator.
func (ids) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	root := ctx.Value(rootKey{}).(trace.SpanContext) // only Request begins traces
	return root.TraceID(), root.SpanID()
}

// NewSpanID implements sdktrace.IDGenerator.
func (ids) NewSpanID(context.Context, trace.TraceID) (id trace.SpanID) {
	for !id.IsValid() {
		n := rand.Uint64() //nolint:gosec // not a secret
		for i := range id {
			id[i] = byte(n >> (8 * i))
		}
	}
	return id
}
