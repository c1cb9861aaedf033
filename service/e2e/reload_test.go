//go:build unix

package e2e_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/signer"
)

// TestReload changes keys, buckets and templates of a service that clients use all the time. None of their requests fails.
func TestReload(t *testing.T) {
	dir := servicetest.NewDir(t)
	s := start(t, dir)
	s.Put(t, servicetest.Bucket, "in/clip.mp4", []byte("clip"))
	reload := func(replace ...string) {
		t.Helper()
		text := strings.NewReplacer(replace...).Replace(servicetest.Settings)
		if err := os.WriteFile(filepath.Join(dir, "vod.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s.Reload(t)
	}
	list := func(key, secret string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(servicetest.Context(t), http.MethodGet, s.URL+"/v1.0/"+servicetest.ProjectID+"/asset/info", nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := signer.Sign(req, nil, signer.Credentials{AccessKey: key, SecretKey: secret}, time.Now()); err != nil {
			t.Fatal(err)
		}
		got, err := do(req)
		if err != nil {
			t.Fatal(err)
		}
		return got.status
	}

	ctx, stop := context.WithCancel(servicetest.Context(t))
	var clients sync.WaitGroup
	var dumps atomic.Int64
	for client := range 4 {
		clients.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				key := fmt.Sprintf("%d-%d", client, i)
				if _, err := s.dump(servicetest.Context(t), request("in/clip.mp4", key), key); err != nil {
					t.Errorf("dump %s: %v", key, err)
					return
				}
				dumps.Add(1)
			}
		})
	}
	if got := list(servicetest.ReaderKey, servicetest.ReaderSecret); got != http.StatusOK {
		t.Errorf("the former key: %d", got)
	}
	for range 5 {
		reload(servicetest.ReaderKey, "AKNEW", servicetest.ReaderSecret, "NK"+servicetest.Canary, "name: closed}", "name: closed}, {name: added, authorized: true}")
		if former, next := list(servicetest.ReaderKey, servicetest.ReaderSecret), list("AKNEW", "NK"+servicetest.Canary); former != http.StatusUnauthorized || next != http.StatusOK {
			t.Errorf("with another key the former one gets %d, the new one %d", former, next)
		}
		reload()
	}
	reload("{name: closed}", "{name: closed}, {name: added, authorized: true}", "name: mp4only", "name: other", "workers: 4", "workers: 5")
	key := func(command ...string) (made struct {
		AccessKey string `json:"access_key"`
		Secret    string
	}) {
		t.Helper()
		command = append(append([]string{"key"}, command...), "--data-dir", dir, "-q", "-o", "json")
		out, err := exec.CommandContext(servicetest.Context(t), servicetest.Binary(t), command...).Output()
		if err != nil {
			t.Fatalf("vod %v: %v", command, err)
		}
		if len(out) > 0 {
			err = json.Unmarshal(out, &made)
		}
		if err != nil {
			t.Fatal(err)
		}
		s.Reload(t)
		return made
	}
	made := key("add", "--project", servicetest.ProjectID, "--permission", "vod:asset:get")
	if got := list(made.AccessKey, made.Secret); got != http.StatusOK {
		t.Errorf("a key that was added by command gets %d", got)
	}
	key("remove", made.AccessKey)
	if got := list(made.AccessKey, made.Secret); got != http.StatusUnauthorized {
		t.Errorf("a key that was removed by command gets %d", got)
	}
	stop()
	clients.Wait()
	t.Logf("%d dumps meanwhile", dumps.Load())

	s.Put(t, "added", "clip.mp4", []byte("clip"))
	body := strings.NewReplacer(`"bucket":"media"`, `"bucket":"added"`, "in/clip.mp4", "clip.mp4").Replace(request("in/clip.mp4", "added"))
	id, err := s.dump(servicetest.Context(t), body, "added")
	if err != nil {
		t.Fatal(err)
	}
	s.wait(t, id)

	reload("region: "+servicetest.Region, "region: cn-east-2")
	if !strings.Contains(s.Log(), "fields=[region]") {
		t.Errorf("a change that needs a restart is not logged:\n%s", s.Log())
	}
	reload("projects:", "projcets:")
	if !strings.Contains(s.Log(), "projcets") || list(servicetest.AccessKey, servicetest.SecretKey) != http.StatusOK {
		t.Errorf("after a faulty configuration:\n%s", s.Log())
	}
	if strings.Contains(s.Log(), servicetest.Canary) {
		t.Error("the log holds a secret")
	}
	s.Stop(t)
}

// TestTLS serves HTTPS, and takes another certificate while connections are open.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	certificate, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	trusted := x509.NewCertPool()
	trusted.AddCert(writeCertificate(t, certificate, key, 1))
	s := start(t, servicetest.NewDirWith(t, servicetest.Settings+"tls: {certificate: "+certificate+", key: "+key+"}\n"))
	if !strings.HasPrefix(s.URL, "https://") {
		t.Fatalf("the service is at %s", s.URL)
	}
	open := func() (serial func() int64) {
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}, ForceAttemptHTTP2: true}}
		t.Cleanup(client.CloseIdleConnections)
		return func() int64 {
			t.Helper()
			req, err := http.NewRequestWithContext(servicetest.Context(t), http.MethodGet, s.URL+"/readyz", nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusOK || res.ProtoMajor != 2 {
				t.Errorf("%s %s %v", res.Proto, res.Status, err)
			}
			return res.TLS.PeerCertificates[0].SerialNumber.Int64()
		}
	}
	former := open()
	if got := former(); got != 1 {
		t.Errorf("certificate %d", got)
	}
	trusted.AddCert(writeCertificate(t, certificate, key, 2))
	s.Reload(t)
	if next := open()(); former() != 1 || next != 2 {
		t.Errorf("a new connection has certificate %d", next)
	}
	if err := os.WriteFile(key, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Reload(t)
	if got := open()(); got != 2 || !strings.Contains(s.Log(), "read the certificate") {
		t.Errorf("with a broken key file the certificate is %d:\n%s", got, s.Log())
	}
}

// writeCertificate makes a certificate for loopback that signs itself.
func writeCertificate(t *testing.T, certificate, key string, serial int64) *x509.Certificate {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{certificate: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: encoded}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// TestHangupDuringStart sends SIGHUP to a service that waits for its database. It starts all the same, and then reads its
// configuration again, unless it was started to ignore the signal.
func TestHangupDuringStart(t *testing.T) {
	server := servicetest.StartPostgres(t)
	settings := gateway{endpoint: "http://127.0.0.1:9"}.settings(servicetest.Settings) // nobody listens there
	for name, c := range map[string]struct {
		shell   string
		reloads bool
	}{
		"taken":          {`exec "$0" "$@"`, true},
		"as under nohup": {`trap "" HUP; exec "$0" "$@"`, false},
	} {
		t.Run(name, func(t *testing.T) {
			url := server.Create(t)
			migrating, err := sql.Open("pgx", url)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = migrating.Close() }()
			if _, err := migrating.ExecContext(t.Context(), `SELECT pg_advisory_lock(7761764)`); err != nil { // that of migrations
				t.Fatal(err)
			}
			dir := servicetest.NewDirWith(t, settings+"database: "+url+"\n")
			cmd := exec.CommandContext(servicetest.Context(t), "/bin/sh", "-c", c.shell, servicetest.Binary(t), "serve", "--data-dir", dir)
			output, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			log := bufio.NewScanner(output)
			until := func(text string) (before string) {
				t.Helper()
				for log.Scan() {
					if before += log.Text() + "\n"; strings.Contains(log.Text(), text) {
						return before
					}
				}
				t.Fatalf("the service ended before the log said %q:\n%s", text, before)
				return before
			}
			send := func(s os.Signal) {
				t.Helper()
				if err := cmd.Process.Signal(s); err != nil {
					t.Fatal(err)
				}
			}
			until("the start waits")
			send(syscall.SIGHUP)
			if err := migrating.Close(); err != nil { // and with it the lock
				t.Fatal(err)
			}
			until("msg=ready")
			if c.reloads {
				until("configuration reloaded")
			}
			send(syscall.SIGTERM)
			if rest := until("msg=stopping"); strings.Contains(rest, "configuration reloaded") {
				t.Errorf("it is reloaded:\n%s", rest)
			}
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
}
