package e2e_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/servicetest"
)

// gateway is a real S3 server that is a process of its own: versitygw's command, which the module in gateway pins.
type gateway struct {
	endpoint string
	root     string // directory of its buckets
}

// startGateway starts one with the buckets of the tests.
func startGateway(t *testing.T) gateway {
	t.Helper()
	servicetest.SkipShort(t, "building the S3 server takes a minute")
	binary := filepath.Join(t.TempDir(), "versitygw")
	build := exec.CommandContext(servicetest.Context(t), "go", "build", "-C", "gateway", "-o", binary, "github.com/versity/versitygw/cmd/versitygw")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build versitygw: %v\n%s", err, out)
	}
	root, address := t.TempDir(), servicetest.FreeAddress(t)
	for _, bucket := range []string{servicetest.Bucket, servicetest.ServiceBucket} {
		if err := os.Mkdir(filepath.Join(root, bucket), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	server := exec.Command(binary, "--port", address, "--access", servicetest.StoreAccessKey, "--secret", servicetest.StoreSecretKey,
		"--region", servicetest.Region, "--health", "/health", "--quiet", "posix", root)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	g := gateway{"http://" + address, root}
	for !healthy(t, g.endpoint+"/health") {
		<-time.After(10 * time.Millisecond) // between two questions
	}
	return g
}

// settings are settings with this server instead of the embedded one.
func (g gateway) settings(settings string) string {
	return strings.Replace(settings, `listen: "127.0.0.1:0", bucket`, `endpoint: "`+g.endpoint+`", bucket`, 1)
}

// startOnGateway runs the service on an S3 server that is a process of its own.
func startOnGateway(t *testing.T) service {
	t.Helper()
	g := startGateway(t)
	s := start(t, servicetest.NewDirWith(t, g.settings(servicetest.Settings)))
	s.Store = g.root
	s.Vars["VOD_S3_ENDPOINT"] = g.endpoint
	s.Vars["VOD_S3_ACCESS_KEY"], s.Vars["VOD_S3_SECRET_KEY"] = servicetest.StoreAccessKey, servicetest.StoreSecretKey
	return s
}

func healthy(t *testing.T, url string) bool {
	t.Helper()
	req, err := http.NewRequestWithContext(servicetest.Context(t), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := do(req)
	return err == nil && got.status == http.StatusOK
}
