package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestDeploy checks what compose.yaml has in common with the files beside it.
func TestDeploy(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "deploy")
	settings, err := Load(filepath.Join(dir, "cluster.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(dir, name)) //nolint:gosec // a file of this repository
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	var compose struct {
		Services map[string]struct {
			Build       struct{ Context, Dockerfile string }
			Volumes     []string
			Environment map[string]string
			Entrypoint  []string
		}
	}
	if err := yaml.Unmarshal([]byte(read("compose.yaml")), &compose); err != nil {
		t.Fatal(err)
	}
	for name, s := range compose.Services {
		for _, v := range s.Volumes {
			if from, _, _ := strings.Cut(v, ":"); strings.HasPrefix(from, "./") {
				read(from)
			}
		}
		if s.Build.Context != "" {
			read(filepath.Join(s.Build.Context, s.Build.Dockerfile))
		}
		if url := s.Environment["VOD_DATABASE"]; url != "" {
			if _, err := settings.WithDatabase(url); err != nil || !strings.Contains(url, "@database/") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	store := compose.Services["store"]
	if settings.Store.Endpoint != "http://store:7070" || settings.Store.AccessKey != store.Environment["ROOT_ACCESS_KEY"] ||
		settings.Store.SecretKey.Reveal() != store.Environment["ROOT_SECRET_KEY"] {
		t.Errorf("cluster.yaml has another S3 server than compose.yaml: %v", settings.Store)
	}
	for _, bucket := range []string{settings.Store.Bucket, settings.Projects[0].Buckets[0].Name} {
		if !strings.Contains(strings.Join(store.Entrypoint, " "), "/data/"+bucket+" ") {
			t.Errorf("compose.yaml does not make the bucket %s", bucket)
		}
	}
	upstream := regexp.MustCompile(`server (\w+):(\d+);`).FindAllStringSubmatch(read("nginx.conf"), -1)
	if len(upstream) != 2 {
		t.Fatalf("nginx.conf has the servers %v", upstream)
	}
	for _, u := range upstream {
		if _, ok := compose.Services[u[1]]; !ok || !strings.HasSuffix(settings.Listen, ":"+u[2]) {
			t.Errorf("compose.yaml has no service at %s", u[0])
		}
	}
}
