package embedded_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/object/embedded"
	"github.com/vod-reproduction/vod/service/object/objecttest"
)

func TestStartRefuses(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	good := embedded.Config{Dir: t.TempDir(), AccessKey: "a", SecretKey: "hidden-secret"}
	file := filepath.Join(good.Dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		change func(*embedded.Config)
		says   string
	}{
		{"all interfaces", func(c *embedded.Config) { c.Listen = ":9000" }, "not a loopback address"},
		{"any address", func(c *embedded.Config) { c.Listen = "0.0.0.0:9000" }, "not a loopback address"},
		{"any IPv6 address", func(c *embedded.Config) { c.Listen = "[::]:0" }, "not a loopback address"},
		{"public address", func(c *embedded.Config) { c.Listen = "192.0.2.1:0" }, "not a loopback address"},
		{"name", func(c *embedded.Config) { c.Listen = "localhost.example.com:0" }, "not a loopback address"},
		{"no port", func(c *embedded.Config) { c.Listen = "127.0.0.1" }, "want host:port"},
		{"bad port", func(c *embedded.Config) { c.Listen = "127.0.0.1:99999" }, "0 to 65535"},
		{"taken port", func(c *embedded.Config) { c.Listen = taken.Addr().String() }, "address already in use"},
		{"no secret", func(c *embedded.Config) { c.SecretKey = "" }, "required"},
		{"no directory", func(c *embedded.Config) { c.Dir = "" }, "no directory"},
		{"a file", func(c *embedded.Config) { c.Dir = file }, "not a directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := good
			test.change(&c)
			s, err := embedded.Start(t.Context(), c)
			if err == nil {
				t.Fatal(errors.Join(errors.New("it started"), s.Close()))
			}
			if !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "hidden-secret") {
				t.Errorf("error %q does not say %q, or shows the secret", err, test.says)
			}
		})
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, good); strings.Contains(text, "hidden-secret") {
			t.Errorf("%s shows the secret: %s", verb, text)
		}
	}
}

func TestStartCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s, err := embedded.Start(ctx, embedded.Config{Dir: t.TempDir(), AccessKey: "a", SecretKey: "b"})
	if err == nil {
		t.Fatal(errors.Join(errors.New("it started"), s.Close()))
	}
	start(t, t.TempDir()) // nothing is left in its way
}

func TestWorkingDirectory(t *testing.T) {
	before, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, t.TempDir())
	second, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), AccessKey: "a", SecretKey: "b"})
	if err == nil {
		t.Fatal(errors.Join(errors.New("a second server started"), second.Close()))
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if after, err := os.Getwd(); err != nil || after != before {
		t.Errorf("the working directory was %s and is %s, %v", before, after, err)
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(s.Endpoint(), "http://")); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dialing a closed server: %v", err)
	}
}

func TestRestart(t *testing.T) {
	dir := t.TempDir()
	first := start(t, dir)
	store := client(t, configOf(first))
	if err := store.CreateBucket(t.Context(), "media"); err != nil {
		t.Fatal(err)
	}
	put, err := store.Put(t.Context(), "media", "a/b.mp4", "video/mp4", strings.NewReader("kept"))
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	// What a gateway that died in mid upload may leave.
	for _, stale := range []string{"multipart/0badc0de/some-upload/1", "multipart/file", "leftover"} {
		path := filepath.Join(dir, "objects/media/.sgwtmp", stale)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("x"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}

	store = client(t, configOf(start(t, dir)))
	if got, err := store.Stat(t.Context(), "media", "a/b.mp4"); err != nil || got != put {
		t.Errorf("after the restart: %+v, %v; want %+v", got, err, put)
	}
	if err := store.Delete(t.Context(), "media", "a/b.mp4"); err != nil {
		t.Error(err)
	}
	for info, err := range store.List(t.Context(), "media", "") {
		t.Errorf("listed %+v, %v", info, err)
	}
}

func TestDroppedFile(t *testing.T) {
	dir := t.TempDir()
	config := configOf(start(t, dir))
	store, parts := client(t, config), client(t, objecttest.PartsConfig(config))
	if err := store.CreateBucket(t.Context(), "media"); err != nil {
		t.Fatal(err)
	}
	data := bytes.Repeat([]byte("0123456789abcdef"), 400_000) // two parts
	path := filepath.Join(dir, "objects/media/in/film.mp4")
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, data, 0o644)); err != nil {
		t.Fatal(err)
	}
	found, err := store.Stat(t.Context(), "media", "in/film.mp4")
	if err != nil || found.Size != int64(len(data)) || found.ETag != "" || found.ModTime.IsZero() {
		t.Fatalf("%+v, %v", found, err)
	}
	for name, s := range map[string]object.Store{"one request": store, "parts": parts} {
		copied, err := s.Copy(t.Context(), found, "media", "out.mp4", object.Cursor{},
			func(context.Context, object.Cursor) error { return nil })
		if err != nil || copied.Size != found.Size || copied.ETag == "" {
			t.Errorf("%s: %+v, %v", name, copied, err)
		}
		body, _, err := s.Open(t.Context(), "media", "out.mp4", object.Range{}, copied.ETag)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(body)
		if err = errors.Join(err, body.Close()); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	// Only the time can show that a file without an ETag was replaced by one of the same size.
	_, err = parts.Copy(t.Context(), found, "media", "mixed.mp4", object.Cursor{},
		func(context.Context, object.Cursor) error {
			later := found.ModTime.Add(2 * time.Second)
			return errors.Join(os.WriteFile(path, data, 0o600), os.Chtimes(path, later, later))
		})
	if !errors.Is(err, object.ErrChanged) {
		t.Errorf("replaced in mid copy: %v", err)
	}
	if _, err := store.Stat(t.Context(), "media", "mixed.mp4"); !errors.Is(err, object.ErrNotFound) {
		t.Errorf("a mixed copy is left: %v", err)
	}
	var listed []string
	for info, err := range store.List(t.Context(), "media", "in/") {
		if err != nil {
			t.Fatal(err)
		}
		listed = append(listed, fmt.Sprint(info.Key, info.Size, info.ETag))
	}
	if want := fmt.Sprint("in/film.mp4", len(data), ""); len(listed) != 1 || listed[0] != want {
		t.Errorf("listed %q", listed)
	}
}

// TestKeysStayInside aims at a file beside the buckets and at another bucket, by every operation that takes a key.
func TestKeysStayInside(t *testing.T) {
	dir := t.TempDir()
	store := client(t, configOf(start(t, dir)))
	for _, bucket := range []string{"media", "second"} {
		if err := store.CreateBucket(t.Context(), bucket); err != nil {
			t.Fatal(err)
		}
	}
	const secret = "not an object"
	targets := []string{filepath.Join(dir, "secret"), filepath.Join(dir, "objects/second/k")}
	for _, path := range targets {
		if err := os.WriteFile(path, []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	unsaved := func(context.Context, object.Cursor) error { return nil }
	for _, key := range []string{
		"../../secret", "x/../../../secret", "/../../secret", "..//../secret", "./../../secret", targets[0],
		"../second/k", "x/../../second/k", "%2e%2e/second/k", "..\\second\\k", "..%2Fsecond%2Fk",
	} {
		if info, err := store.Stat(t.Context(), "media", key); !errors.Is(err, object.ErrNotFound) {
			t.Errorf("stat %q: %+v, %v", key, info, err)
		}
		if _, _, err := store.Open(t.Context(), "media", key, object.Range{}, ""); !errors.Is(err, object.ErrNotFound) {
			t.Errorf("open %q: %v", key, err)
		}
		source := object.Info{Bucket: "media", Key: key, Size: int64(len(secret))}
		if _, err := store.Copy(t.Context(), source, "media", "stolen", object.Cursor{}, unsaved); !errors.Is(err, object.ErrNotFound) {
			t.Errorf("copy from %q: %v", key, err)
		}
		_, _ = store.Put(t.Context(), "media", key, "", strings.NewReader("overwritten"))
		_ = store.Delete(t.Context(), "media", key)
		for info := range store.List(t.Context(), "media", key) {
			if !strings.HasPrefix(info.Key, key) {
				t.Errorf("list %q: %+v", key, info)
			}
		}
	}
	for _, path := range targets {
		if got, err := os.ReadFile(path); err != nil || string(got) != secret {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 { // objects and secret
		t.Errorf("beside the buckets: %v, %v", entries, err)
	}
}

// TestUploadIDsStayInside aims at the object of another key, by every request of an upload in parts. Its bearer may have
// been given no more than the one URL.
func TestUploadIDsStayInside(t *testing.T) {
	dir := t.TempDir()
	store := client(t, configOf(start(t, dir)))
	if err := store.CreateBucket(t.Context(), "media"); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Put(t.Context(), "media", "other/1", "", strings.NewReader("another's")); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"../../../other", "x/../../../../other", "../../..", "../../../../media/other", "..", ".", "", "a/b", strings.Repeat("a", 256)} {
		for _, c := range []struct {
			method string
			query  url.Values
		}{
			{http.MethodPut, url.Values{"uploadId": {id}, "partNumber": {"1"}}},
			{http.MethodGet, url.Values{"uploadId": {id}}},
			{http.MethodPost, url.Values{"uploadId": {id}}},
			{http.MethodDelete, url.Values{"uploadId": {id}}},
			{http.MethodDelete, url.Values{"uploadId": {id, "4aacb083-5dcd-4bb5-b82a-4b9a3a4d7ee5"}}},
		} {
			at, err := store.Presign(t.Context(), c.method, "media", "mine", c.query, nil, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			body := "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>any</ETag></Part></CompleteMultipartUpload>"
			request, err := http.NewRequestWithContext(t.Context(), c.method, at, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusNotFound {
				t.Errorf("%s with %.20q: %s, %v", c.method, id, response.Status, err)
			}
		}
	}
	if got, err := os.ReadFile(filepath.Join(dir, "objects/media/other/1")); err != nil || string(got) != "another's" {
		t.Errorf("the other object is %q, %v", got, err)
	}
}
