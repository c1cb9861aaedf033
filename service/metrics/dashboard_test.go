package metrics

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/vod-reproduction/vod/service/asset"
)

// TestDashboard looks for every metric and label of the dashboard among those of a process that has done something.
func TestDashboard(t *testing.T) {
	t.Parallel()
	m := New(func(context.Context) ([]asset.Backlog, error) { return []asset.Backlog{{ProjectID: "p"}}, nil }, slog.New(slog.DiscardHandler))
	m.Request(Request{Operation: "POST /dump"})
	m.Stage(asset.Stage{Name: "copy", State: asset.StageDone})
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string][]string{}
	for _, f := range families {
		names := []string{"job", "instance", "le"} // of Prometheus itself
		for _, l := range f.Metric[0].Label {
			names = append(names, l.GetName())
		}
		labels[f.GetName()] = names
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			if f.Metric[0].Histogram != nil {
				labels[f.GetName()+suffix] = names
			}
		}
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "grafana.json"))
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr, LegendFormat string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil || len(dashboard.Panels) == 0 {
		t.Fatalf("%d panels, %v", len(dashboard.Panels), err)
	}
	metric, label := regexp.MustCompile(`\b(vod|process|go)_\w+`), regexp.MustCompile(`(\w+)(?:=|!=|=~|!~)"|\{\{(\w+)\}\}`)
	grouped, word := regexp.MustCompile(`by \(([^)]*)\)`), regexp.MustCompile(`\w+`)
	for _, p := range dashboard.Panels {
		for _, q := range p.Targets {
			names := metric.FindAllString(q.Expr, -1)
			if len(names) == 0 {
				t.Errorf("%s: %s has no metric of the service", p.Title, q.Expr)
			}
			var used []string
			for _, found := range label.FindAllStringSubmatch(q.Expr+q.LegendFormat, -1) {
				used = append(used, found[1]+found[2])
			}
			for _, group := range grouped.FindAllStringSubmatch(q.Expr, -1) {
				used = append(used, word.FindAllString(group[1], -1)...)
			}
			for _, name := range names {
				if labels[name] == nil {
					t.Errorf("%s: there is no metric %s", p.Title, name)
				}
				for _, l := range used {
					if !slices.Contains(labels[name], l) {
						t.Errorf("%s: %s has no label %s", p.Title, name, l)
					}
				}
			}
		}
	}
}
