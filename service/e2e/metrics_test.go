package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/internal/servicetest"
)

// TestMetrics reads what Prometheus would, at an address apart from the API's.
func TestMetrics(t *testing.T) {
	t.Parallel()
	address := servicetest.FreeAddress(t)
	s := start(t, servicetest.NewDirWith(t, servicetest.Settings+"metrics_listen: "+address+"\n"))
	s.Put(t, servicetest.Bucket, "in/clip.mp4", []byte("clip"))
	id, err := s.dump(servicetest.Context(t), request("in/clip.mp4", "clip"), "key")
	if err != nil {
		t.Fatal(err)
	}
	s.wait(t, id)
	refused, err := s.send(servicetest.Context(t), http.MethodPost, dumpPath, request("in/none.mp4", "none"))
	if err != nil || refused.status != http.StatusBadRequest {
		t.Fatal(refused.status, err)
	}
	get(t, s.URL+"/nowhere/"+id)
	if got := get(t, s.URL+"/metrics"); got.status != http.StatusNotFound {
		t.Errorf("the API serves /metrics: %d", got.status)
	}
	text := string(get(t, "http://"+address+"/metrics").body)
	const dump = `operation="POST /v1.0/{project_id}/asset/reproduction"`
	for _, want := range []string{
		`vod_requests_total{code="",` + dump + `,status="200"} 1`,
		`vod_requests_total{code="VOD.10003",` + dump + `,status="400"} 1`,
		`vod_requests_total{code="APIGW.0101",operation="other",status="404"} 2`,
		`vod_stage_seconds_count{stage="verify",state="done"} 1`,
		`vod_assets_waiting{project="` + servicetest.ProjectID + `"} 0`,
		`vod_assets_waiting_oldest_seconds{project="` + servicetest.ProjectID + `"} 0`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
	if strings.Contains(text, servicetest.Canary) {
		t.Error("the metrics hold a secret")
	}
}
