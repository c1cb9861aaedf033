//go:build linux

package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/signer"
)

// peak returns the most memory that the process has held since it started, in bytes.
func (s service) peak(t *testing.T) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.PID()))
	if err != nil {
		t.Fatal(err)
	}
	var kb int64
	if _, err := fmt.Sscanf(between(string(status), "VmHWM:", "kB"), "%d", &kb); err != nil {
		t.Fatal(err)
	}
	return kb << 10
}

// within checks that what was done since before took no more than 100 MB.
func (s service) within(t *testing.T, what string, before int64) {
	t.Helper()
	added := s.peak(t) - before
	t.Logf("%s: %d MB more", what, added>>20)
	if added > 100<<20 {
		t.Errorf("%s takes %d MB of memory", what, added>>20)
	}
}

// TestMemoryOfStrangers holds 1000 connections at a time that send large bodies, without a valid credential or with the
// name of a key that is known and no signature of it.
func TestMemoryOfStrangers(t *testing.T) {
	servicetest.SkipShort(t, "it sends a gigabyte")
	const connections = 1000
	s := start(t, servicetest.NewDir(t))
	host := strings.TrimPrefix(s.URL, "http://")
	body := bytes.Repeat([]byte("x"), 1<<20)
	known := fmt.Sprintf("Authorization: %s Access=%s, SignedHeaders=host;x-sdk-date, Signature=%s\r\nX-Sdk-Date: %s", signer.Algorithm,
		servicetest.AccessKey, strings.Repeat("0", 64), time.Now().UTC().Format(signer.DateLayout))
	for _, c := range []struct{ name, path, header string }{
		{"no signature", dumpPath, "Authorization: x"},
		{"no token", dumpPath, "X-Auth-Token: x"},
		{"nothing", dumpPath, "X: x"},
		{"a token is asked for", "/v3/auth/tokens", "X: x"},
		{"a wrong signature", dumpPath, known},
	} {
		before := s.peak(t)
		var all sync.WaitGroup
		open := make([]net.Conn, connections)
		for i := range open {
			all.Go(func() {
				conn, err := new(net.Dialer).DialContext(servicetest.Context(t), "tcp", host)
				if err != nil {
					t.Error(err)
					return
				}
				open[i] = conn
				_, _ = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n\r\n",
					c.path, host, len(body), c.header)
				// Half of them never end their body; the service closes those that it refuses while they send.
				_, _ = conn.Write(body[:len(body)-i%2])
			})
		}
		all.Wait()
		if got := get(t, s.URL+"/livez"); got.status != http.StatusOK {
			t.Errorf("%s: the service responds with %d", c.name, got.status)
		}
		s.within(t, c.name, before)
		for _, conn := range open {
			if conn != nil {
				_ = conn.Close()
			}
		}
	}
}

// TestMemoryOfLists lists assets whose requests were padded to the largest body that is taken.
func TestMemoryOfLists(t *testing.T) {
	servicetest.SkipShort(t, "it sends 100 MB")
	const dumps, lists = 100, 40
	s := start(t, servicetest.NewDir(t))
	s.Put(t, servicetest.Bucket, "in/clip.mp4", []byte("clip"))
	body := request("in/clip.mp4", "clip")
	body = strings.Repeat(" ", 1<<20-len(body)) + body
	for i := range dumps {
		if _, err := s.dump(servicetest.Context(t), body, fmt.Sprint("key", i)); err != nil {
			t.Fatal(err)
		}
	}
	before := s.peak(t)
	var all sync.WaitGroup
	for range lists {
		all.Go(func() {
			got, err := s.send(servicetest.Context(t), http.MethodGet, "/v1.0/"+servicetest.ProjectID+"/asset/info?size=100", "")
			if err != nil || got.status != http.StatusOK {
				t.Errorf("list: %d, %v", got.status, err)
			}
		})
	}
	all.Wait()
	s.within(t, "lists", before)
	if info, err := os.Stat(s.Dir + "/vod.db"); err != nil || info.Size() > 10<<20 {
		t.Errorf("the database has %d bytes, %v", info.Size(), err)
	}
}

// TestIdleReaders holds more downloads than there are places from one address, and reads none of them.
func TestIdleReaders(t *testing.T) {
	servicetest.SkipShort(t, "560 readers")
	const readers = 560
	s := start(t, servicetest.NewDir(t))
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<20) // more than any buffer on the way holds
	s.Put(t, servicetest.Bucket, "in/clip.mp4", content)
	url := s.published(t, request("in/clip.mp4", "clip"))
	client := func(address string) *http.Client {
		dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
		transport := &http.Transport{DialContext: func(ctx context.Context, network, to string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, to)
		}, DisableKeepAlives: true}
		t.Cleanup(transport.CloseIdleConnections)
		return &http.Client{Transport: transport}
	}
	open := func(from *http.Client) *http.Response {
		r, err := http.NewRequestWithContext(servicetest.Context(t), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := from.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = resp.Body.Close() })
		return resp
	}
	hoarder, refused := client("127.0.0.2"), 0
	for range readers {
		if open(hoarder).StatusCode != http.StatusOK { //nolint:bodyclose // open closes it when the test ends
			refused++
		}
	}
	for range 3 {
		resp := open(client("127.0.0.3")) //nolint:bodyclose // open closes it when the test ends
		got, err := io.ReadAll(resp.Body)
		if resp.StatusCode != http.StatusOK || err != nil || !bytes.Equal(got, content) {
			t.Fatalf("another viewer: %d, %d bytes, %v", resp.StatusCode, len(got), err)
		}
	}
	t.Logf("%d of %d idle readers of one address were refused, and 3 of 3 deliveries to another were complete", refused, readers)
}
