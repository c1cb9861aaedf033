//go:build unix

package servicetest

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Postgres is a PostgreSQL server of a test's own, on loopback, which keeps
// nothing. It ends with the test.
type Postgres struct {
	bin       string
	address   string
	server    *exec.Cmd
	databases atomic.Int64
}

// StartPostgres starts a server. Under -short the test is skipped, since the
// programs of PostgreSQL need not be there.
func StartPostgres(t testing.TB, options ...string) *Postgres {
	t.Helper()
	SkipShort(t, "needs PostgreSQL")
	bin := postgresPrograms(t)
	// Neither the programs nor the data of a user who is not root are in reach below a test's own directory.
	dir, err := os.MkdirTemp("", "servicetest")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	as := postgresUser(t, dir)
	data := filepath.Join(dir, "data")
	run := func(program string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, program), args...) //nolint:gosec,noctx // a program of this machine; the test ends it
		cmd.Dir, cmd.SysProcAttr = dir, as
		return cmd
	}
	if out, err := run("initdb", "--pgdata="+data, "--username=vod", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	address := FreeAddress(t)
	host, port, _ := strings.Cut(address, ":")
	log, err := os.Create(filepath.Join(dir, "log")) //nolint:gosec // below the directory made above
	if err != nil {
		t.Fatal(err)
	}
	server := run("postgres", append([]string{"-D", data, "-h", host, "-p", port, "-k", "", "-F", "-c", "max_connections=200"}, options...)...)
	server.Stdout, server.Stderr = log, log
	if err := errors.Join(server.Start(), log.Close()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGQUIT) // at once; nothing is kept
		_ = server.Wait()
	})
	p := &Postgres{bin: bin, address: address, server: server}
	p.await(t, filepath.Join(dir, "log"))
	return p
}

// Address is where the server listens, host:port.
func (p *Postgres) Address() string { return p.address }

// Kill ends the server at once.
func (p *Postgres) Kill() {
	_ = p.server.Process.Signal(syscall.SIGQUIT)
	_ = p.server.Wait() // it was killed
}

// URL is where a database of the server is.
func (p *Postgres) URL(database string) string { return "postgres://vod@" + p.address + "/" + database }

// Create creates an empty database and returns its URL.
func (p *Postgres) Create(t testing.TB) string {
	t.Helper()
	name := "test" + strconv.FormatInt(p.databases.Add(1), 10)
	if out, err := p.client(t, "createdb", "--username=vod", name).CombinedOutput(); err != nil {
		t.Fatalf("createdb: %v\n%s", err, out)
	}
	return p.URL(name)
}

// client is a client program of PostgreSQL that will talk to this server.
func (p *Postgres) client(t testing.TB, program string, args ...string) *exec.Cmd {
	host, port, _ := strings.Cut(p.address, ":")
	args = append([]string{"--host=" + host, "--port=" + port}, args...)
	return exec.CommandContext(Context(t), filepath.Join(p.bin, program), args...) //nolint:gosec // a program of this machine
}

// await waits until the server accepts connections.
func (p *Postgres) await(t testing.TB, log string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		out, err := p.client(t, "pg_isready").CombinedOutput()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			text, _ := os.ReadFile(log) //nolint:gosec // the server's own log
			t.Fatalf("PostgreSQL does not start: %v: %s\n%s", err, out, text)
		}
	}
}

// postgresPrograms is the directory of the newest PostgreSQL on this machine.
func postgresPrograms(t testing.TB) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres") // where Debian has them: not in PATH
	if err != nil {
		t.Fatal(err)
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		found = append(found, path)
	}
	if len(found) == 0 {
		t.Fatal("no PostgreSQL on this machine: make test installs it, or scripts/need.sh postgres")
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) }))
}

// version is the number in Debian's path of a PostgreSQL program, or 0.
func version(path string) int {
	parts := strings.Split(path, "/")
	n, _ := strconv.Atoi(parts[max(0, len(parts)-3)])
	return n
}

// postgresUser is who the server runs as: it refuses to be root.
func postgresUser(t testing.TB, dir string) *syscall.SysProcAttr {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		t.Fatalf("PostgreSQL does not run as root, and its own user is missing: %v", err)
	}
	uid, err1 := strconv.Atoi(who.Uid)
	gid, err2 := strconv.Atoi(who.Gid)
	if err := errors.Join(err1, err2, os.Chown(dir, uid, gid)); err != nil {
		t.Fatal(err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}} //nolint:gosec // both are small
}
