package embedded_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/object/objecttest"
)

// TestKilled kills a server in mid copy and finishes the copy on another one over the same directory.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	data := bytes.Repeat([]byte("0123456789abcdef"), 1_000_000) // four parts
	ignored := func(context.Context, object.Cursor) error { return nil }

	first := launch(t, dir)
	config := object.Config{Endpoint: first.endpoint, AccessKey: accessKey, SecretKey: secretKey, Attempts: 1}
	store := client(t, objecttest.PartsConfig(config))
	if err := store.CreateBucket(t.Context(), "media"); err != nil {
		t.Fatal(err)
	}
	src, err := store.Put(t.Context(), "media", "src.mp4", "video/mp4", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var cursor object.Cursor
	_, err = store.Copy(t.Context(), src, "media", "copy.mp4", object.Cursor{},
		func(_ context.Context, c object.Cursor) error {
			cursor = c
			first.kill(t)
			return nil
		})
	if !errors.Is(err, object.ErrUnavailable) || cursor.UploadID == "" {
		t.Fatalf("copy on a killed server: %v, cursor %+v", err, cursor)
	}

	second := launch(t, dir)
	config.Endpoint = second.endpoint
	store = client(t, objecttest.PartsConfig(config))
	if got, err := store.Stat(t.Context(), "media", "src.mp4"); err != nil || got != src {
		t.Errorf("after the kill: %+v, %v", got, err)
	}
	if _, err := store.Stat(t.Context(), "media", "copy.mp4"); !errors.Is(err, object.ErrNotFound) {
		t.Errorf("an unfinished copy is visible: %v", err)
	}
	if _, err := store.Copy(t.Context(), src, "media", "copy.mp4", cursor, ignored); err != nil {
		t.Fatal(err)
	}
	body, _, err := store.Open(t.Context(), "media", "copy.mp4", object.Range{}, "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(body)
	if err = errors.Join(err, body.Close()); err != nil || !bytes.Equal(got, data) {
		t.Errorf("the copy has %d bytes, %v", len(got), err)
	}
	second.kill(t)
	for _, c := range []*child{first, second} {
		if c.output != "" {
			t.Errorf("the server wrote to the standard output: %q", c.output)
		}
	}
}

type child struct {
	cmd      *exec.Cmd
	stdout   *bufio.Reader
	endpoint string
	output   string // what followed the endpoint, known after kill
}

// launch runs this test binary as a server over dir; see TestMain.
func launch(t *testing.T, dir string) *child {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{cmd: cmd, stdout: bufio.NewReader(stdout)}
	line, err := c.stdout.ReadString('\n')
	if err != nil {
		t.Fatalf("the server did not start: %v", errors.Join(err, cmd.Wait()))
	}
	c.endpoint = strings.TrimSpace(line)
	return c
}

func (c *child) kill(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	rest, err := io.ReadAll(c.stdout)
	if err != nil {
		t.Error(err)
	}
	c.output = string(rest)
	_ = c.cmd.Wait() // says that it was killed
}
