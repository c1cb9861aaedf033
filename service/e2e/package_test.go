package e2e_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/servicetest"
)

// TestPackage builds the packages, installs the .deb into a fresh root, and makes the first dump with what is there.
func TestPackage(t *testing.T) {
	if os.Getenv("VOD_PACKAGES") == "" {
		t.Skip(`"make package-check" builds packages`)
	}
	dpkg, err := exec.LookPath("dpkg")
	if err != nil || runtime.GOOS != "linux" {
		t.Skip("this machine has no dpkg")
	}
	run := func(dir, program string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(servicetest.Context(t), program, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", program, err, out)
		}
	}
	dist, root := t.TempDir(), t.TempDir()
	t.Setenv("DIST", dist)
	t.Setenv("PLATFORMS", "linux/"+runtime.GOARCH)
	run("../..", "scripts/packages.sh", "v1.2.3")
	run(dist, "sha256sum", "--check", "--strict", "SHA256SUMS")
	names, err := filepath.Glob(filepath.Join(dist, "vod_1.2.3_*"))
	if err != nil || len(names) != 3 { // archive, .deb, .rpm
		t.Errorf("built %v, %v", names, err)
	}
	text, err := os.ReadFile(filepath.Join(dist, "vod_1.2.3.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	var materials struct{ Components []struct{ Name string } }
	if err := json.Unmarshal(text, &materials); err != nil || !strings.Contains(string(text), `"github.com/riverqueue/river"`) {
		t.Errorf("the SBOM lists %d modules, %v", len(materials.Components), err)
	}

	for _, dir := range []string{"info", "updates"} {
		if err := os.MkdirAll(filepath.Join(root, "var/lib/dpkg", dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "var/lib/dpkg/status"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	run(dist, dpkg, "--root="+root, "--force-not-root", "--install", "vod_1.2.3_"+runtime.GOARCH+".deb")
	unit, err := os.ReadFile(filepath.Join(root, "usr/lib/systemd/system/vod.service"))
	if err != nil || !strings.Contains(string(unit), "\nExecStart=/usr/bin/vod serve ") {
		t.Errorf("the unit is %s, %v", unit, err)
	}

	s := service{servicetest.StartBinary(t, filepath.Join(root, "usr/bin/vod"), servicetest.NewDir(t))}
	s.Put(t, servicetest.Bucket, "in/clip.mp4", []byte("clip"))
	id, err := s.dump(servicetest.Context(t), request("in/clip.mp4", "clip"), "first")
	if err != nil {
		t.Fatal(err)
	}
	if info := s.wait(t, id); info.Status != companions.AssetStatusPublished {
		t.Errorf("the first dump is %s", info.Status)
	}
	s.Stop(t)
}
