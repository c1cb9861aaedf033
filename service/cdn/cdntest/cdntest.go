// Package cdntest runs nginx as a cache in front of a service for tests.
package cdntest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/vod-reproduction/vod/internal/servicetest"
)

// The user counts when root runs the tests: another one could not enter the test's directory.
const config = `
daemon off;
user root root;
worker_processes 1;
pid %[1]s/nginx.pid;
error_log %[1]s/error.log;
events { worker_connections 64; }
http {
	access_log off;
	client_body_temp_path %[1]s/body;
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
	proxy_cache_path %[1]s/cache keys_zone=media:1m;
	server {
		listen %[2]s;
		location /vod/ {
			proxy_pass %[3]s/;
			proxy_cache media;
			proxy_cache_lock on;
			add_header X-Cache $upstream_cache_status;
		}
	}
}
`

// Cache is a cache whose address is known before it runs.
type Cache struct {
	Base     string // URL of its files, in place of the origin's
	listener *net.TCPListener
}

// New takes an address for a cache.
func New(t testing.TB) *Cache {
	t.Helper()
	servicetest.SkipShort(t, "it needs nginx")
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return &Cache{Base: "http://" + listener.Addr().String() + "/vod", listener: listener}
}

// Start runs the cache in front of origin, a URL, until the test ends. nginx takes over a socket that listens already, so
// nobody has to wait for the start.
func (c *Cache) Start(t testing.TB, origin string) {
	t.Helper()
	binary, err := exec.LookPath("nginx")
	if err != nil {
		binary = "/usr/sbin/nginx" // Debian's, which is not in every PATH
	}
	if _, err := os.Stat(binary); err != nil {
		t.Fatalf("this test needs nginx; on Debian and Ubuntu it is the package nginx-light: %v", err)
	}
	socket, err := c.listener.File()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }() // nginx has its own
	dir := t.TempDir()
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, config, dir, c.listener.Addr(), origin), 0o600); err != nil {
		t.Fatal(err)
	}
	nginx := exec.CommandContext(context.WithoutCancel(t.Context()), binary, "-p", dir, "-e", filepath.Join(dir, "error.log"), "-c", file)
	nginx.Env = append(os.Environ(), "NGINX=3;")
	nginx.ExtraFiles = []*os.File{socket}
	if err := nginx.Start(); err != nil {
		t.Fatal(err)
	}
	_ = c.listener.Close()
	t.Cleanup(func() {
		_ = nginx.Process.Signal(syscall.SIGTERM) // ends its workers too
		_ = nginx.Wait()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "error.log"))
			t.Logf("nginx said:\n%s", log)
		}
	})
}
