package metrics

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/vod-reproduction/vod/service/asset"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	var failing error
	m := New(func(context.Context) ([]asset.Backlog, error) {
		return []asset.Backlog{{ProjectID: "p", Assets: 3, Age: time.Minute}}, failing
	}, slog.New(slog.DiscardHandler))
	m.Request(Request{Operation: "POST /dump", Status: 200, Took: time.Second, Bytes: 7})
	m.Request(Request{Operation: "POST /dump", Status: 400, Code: "VOD.10053", Bytes: 5})
	start := time.UnixMilli(1795442074626)
	m.Stage(asset.Stage{Name: "copy", State: asset.StageDone, StartedAt: start, EndedAt: start.Add(3 * time.Second)})
	if problems, err := testutil.GatherAndLint(m.registry); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
	scrape := func() string {
		w := httptest.NewRecorder()
		m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		return w.Body.String()
	}
	text := scrape()
	for _, want := range []string{
		`vod_requests_total{code="",operation="POST /dump",status="200"} 1`,
		`vod_requests_total{code="VOD.10053",operation="POST /dump",status="400"} 1`,
		`vod_response_bytes_total{operation="POST /dump"} 12`,
		`vod_request_seconds_count{operation="POST /dump"} 2`,
		`vod_stage_seconds_sum{stage="copy",state="done"} 3`,
		`vod_assets_waiting{project="p"} 3`,
		`vod_assets_waiting_oldest_seconds{project="p"} 60`,
		"go_goroutines ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
	failing = errors.New("no database")
	if text := scrape(); strings.Contains(text, "vod_assets_waiting") || !strings.Contains(text, "vod_requests_total") {
		t.Errorf("without a database:\n%s", text)
	}
}
