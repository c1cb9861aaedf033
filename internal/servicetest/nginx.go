package servicetest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// nginxConfig surrounds what a test has nginx serve. The user counts when root runs the tests: another one could not
// enter the test's directory.
const nginxConfig = `
daemon off;
user root root;
worker_processes 1;
pid nginx.pid;
error_log error.log;
events { worker_connections 64; }
http {
	access_log off;
	client_body_temp_path body;
	proxy_temp_path proxy;
	fastcgi_temp_path fastcgi;
	uwsgi_temp_path uwsgi;
	scgi_temp_path scgi;
%s
}
`

// StartNginx runs nginx with what its http block is to hold beside paths, until the test ends. Paths are relative to a
// directory of the test's own. nginx takes over listener, whose address a server of http must listen on, so that nobody
// has to wait for the start.
func StartNginx(t testing.TB, listener *net.TCPListener, http string) {
	t.Helper()
	SkipShort(t, "it needs nginx")
	binary, err := exec.LookPath("nginx")
	if err != nil {
		binary = "/usr/sbin/nginx" // Debian's, which is not in every PATH
	}
	if _, err := os.Stat(binary); err != nil {
		t.Fatalf("this test needs nginx; on Debian and Ubuntu it is the package nginx-light: %v", err)
	}
	socket, err := listener.File()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }() // nginx has its own
	dir := t.TempDir()
	file, log := filepath.Join(dir, "nginx.conf"), filepath.Join(dir, "error.log")
	if err := os.WriteFile(file, fmt.Appendf(nil, nginxConfig, http), 0o600); err != nil {
		t.Fatal(err)
	}
	nginx := exec.CommandContext(context.WithoutCancel(t.Context()), binary, "-p", dir, "-e", log, "-c", file) //nolint:gosec // a program of this machine
	nginx.Env = append(os.Environ(), "NGINX=3;")
	nginx.ExtraFiles = []*os.File{socket}
	if err := nginx.Start(); err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	t.Cleanup(func() {
		_ = nginx.Process.Signal(syscall.SIGTERM) // ends its workers too
		_ = nginx.Wait()
		if t.Failed() {
			text, _ := os.ReadFile(log) //nolint:gosec // nginx's own
			t.Logf("nginx said:\n%s", text)
		}
	})
}
