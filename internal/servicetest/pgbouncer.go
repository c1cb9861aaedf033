//go:build unix

package servicetest

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const pgBouncerConfig = `[databases]
* = host=%s port=%s user=vod
[pgbouncer]
listen_addr = %s
listen_port = %s
unix_socket_dir =
auth_type = any
pool_mode = %s
`

// StartPgBouncer runs PgBouncer before the server until the test ends, with a pool_mode, and returns what databases' URLs of
// the server are there.
func (p *Postgres) StartPgBouncer(t testing.TB, mode string) (through func(database string) string) {
	t.Helper()
	binary, err := exec.LookPath("pgbouncer")
	if err != nil {
		binary = "/usr/sbin/pgbouncer" // Debian's, which is not in every PATH
	}
	if _, err := os.Stat(binary); err != nil {
		t.Fatalf("no PgBouncer on this machine: make test installs it, or scripts/need.sh pgbouncer: %v", err)
	}
	dir, err := os.MkdirTemp("", "servicetest") // as for PostgreSQL
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	as := postgresUser(t, dir)
	address := FreeAddress(t)
	host, port, _ := strings.Cut(address, ":")
	to, toPort, _ := strings.Cut(p.address, ":")
	file := filepath.Join(dir, "pgbouncer.ini")
	settings := fmt.Appendf(nil, pgBouncerConfig, to, toPort, host, port, mode)
	if err := os.WriteFile(file, settings, 0o644); err != nil { //nolint:gosec // another user reads it
		t.Fatal(err)
	}
	var log strings.Builder
	bouncer := exec.Command(binary, file) //nolint:gosec,noctx // a program of this machine; the test ends it
	bouncer.Dir, bouncer.SysProcAttr, bouncer.Stderr = dir, as, &log
	if err := bouncer.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { _ = bouncer.Wait(); close(done) }()
	t.Cleanup(func() {
		_ = bouncer.Process.Signal(syscall.SIGTERM)
		<-done
		if t.Failed() {
			t.Logf("PgBouncer said:\n%s", &log)
		}
	})
	front := &Postgres{bin: p.bin, address: address}
	for front.client(t, "pg_isready").Run() != nil {
		select {
		case <-done:
			t.Fatalf("PgBouncer does not start:\n%s", &log)
		case <-Context(t).Done():
			t.Fatal("PgBouncer does not start in time")
		case <-time.After(50 * time.Millisecond):
		}
	}
	return func(database string) string {
		u, err := url.Parse(database)
		if err != nil {
			t.Fatal(err)
		}
		u.Host = address
		return u.String()
	}
}
