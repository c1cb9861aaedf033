// Package metrics counts what the service does, for Prometheus.
package metrics

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/vod-reproduction/vod/service/asset"
)

// Metrics are the counters of one process. Its methods may be called from any
// goroutine. No label holds what a caller chose, so that none can make many series.
type Metrics struct {
	registry       *prometheus.Registry
	requests       *prometheus.CounterVec
	requestSeconds *prometheus.HistogramVec
	responseBytes  *prometheus.CounterVec
	stages         *prometheus.HistogramVec
}

// Request is what one HTTP request came to.
type Request struct {
	Operation string // method and path with placeholders, such as "GET /media/{asset_id}/{name...}"; "other" when there is none
	Status    int
	Code      string // error_code of the response; empty for a success
	Took      time.Duration
	Bytes     int64 // of the response's body

	// ID names the request, and Traceparent is what a client that traces sent of its own trace; neither is a label.
	ID, Traceparent string
}

// New returns the counters of a process that has not served anything yet. backlog
// returns the assets that are not done, by project; it is called for every scrape.
func New(backlog func(ctx context.Context) ([]asset.Backlog, error), log *slog.Logger) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vod_requests_total", Help: "HTTP requests by operation, status and error code.",
		}, []string{"operation", "status", "code"}),
		requestSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vod_request_seconds", Help: "Time to the end of the response by operation.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 15),
		}, []string{"operation"}),
		responseBytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vod_response_bytes_total", Help: "Bytes of response bodies by operation; those of media are downloads.",
		}, []string{"operation"}),
		stages: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vod_stage_seconds", Help: "Time that stages of assets took by name and state, once for every attempt that ended them.",
			Buckets: prometheus.ExponentialBuckets(0.01, 4, 11),
		}, []string{"stage", "state"}),
	}
	m.registry.MustRegister(m.requests, m.requestSeconds, m.responseBytes, m.stages,
		waiting{backlog, log}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler serves the counters.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// Request counts a request that has ended.
func (m *Metrics) Request(r Request) {
	m.requests.WithLabelValues(r.Operation, strconv.Itoa(r.Status), r.Code).Inc()
	m.requestSeconds.WithLabelValues(r.Operation).Observe(r.Took.Seconds())
	m.responseBytes.WithLabelValues(r.Operation).Add(float64(r.Bytes))
}

// Stage counts a stage that has ended.
func (m *Metrics) Stage(st asset.Stage) {
	m.stages.WithLabelValues(st.Name, string(st.State)).Observe(st.Duration().Seconds())
}

// waiting collects the assets that are not done, when asked for.
type waiting struct {
	backlog func(ctx context.Context) ([]asset.Backlog, error)
	log     *slog.Logger
}

var (
	waitingAssets = prometheus.NewDesc("vod_assets_waiting", "Accepted assets that have not ended, by project.", []string{"project"}, nil)
	waitingOldest = prometheus.NewDesc("vod_assets_waiting_oldest_seconds", "Age of the oldest asset that has not ended, by project.", []string{"project"}, nil)
)

// scrapeTimeout bounds the query of one scrape.
const scrapeTimeout = 5 * time.Second

// Describe implements prometheus.Collector.
func (waiting) Describe(descs chan<- *prometheus.Desc) {
	descs <- waitingAssets
	descs <- waitingOldest
}

// Collect implements prometheus.Collector.
func (w waiting) Collect(into chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	list, err := w.backlog(ctx)
	if err != nil {
		w.log.LogAttrs(ctx, slog.LevelError, "counting what waits failed", slog.Any("error", err))
		return
	}
	for _, b := range list {
		into <- prometheus.MustNewConstMetric(waitingAssets, prometheus.GaugeValue, float64(b.Assets), b.ProjectID)
		into <- prometheus.MustNewConstMetric(waitingOldest, prometheus.GaugeValue, b.Age.Seconds(), b.ProjectID)
	}
}
