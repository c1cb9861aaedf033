package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Ctrl-C while waiting ends with 130, keeps the ID on standard output, and says how to go on.
func TestInterruptedWait(t *testing.T) {
	t.Parallel()
	c, server := startCloud()
	t.Cleanup(server.Close)
	var out, messages bytes.Buffer
	vod := exec.Command("vod", "dump", "obs://media/slow.mp4", "--wait", "--quiet")
	vod.Env = append(cloudEnvironment(server.URL), "HOME="+t.TempDir(), quickExit)
	vod.Stdout, vod.Stderr = &out, &messages
	if err := vod.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.slowLooks:
	case <-t.Context().Done():
	}
	if err := vod.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = vod.Wait() // the exit code is looked at below
	if got := vod.ProcessState.ExitCode(); got != exitInterrupted {
		t.Errorf("exit code %d, want %d", got, exitInterrupted)
	}
	const id = "00000000000000000000000000000001"
	if got := out.String(); got != id+"\n" {
		t.Errorf("standard output is %q", got)
	}
	want := "vod: error: interrupted\nvod: where: asset " + id + "\nvod: next: vod status " + id + " --watch\n"
	if got := messages.String(); got != want {
		t.Errorf("standard error is\n%swant\n%s", got, want)
	}
}

// Ctrl-C ends a bulk run at once that waits for a manifest from a pipe.
func TestInterruptedPlan(t *testing.T) {
	t.Parallel()
	_, server := startCloud()
	t.Cleanup(server.Close)
	vod := exec.CommandContext(t.Context(), "vod", "bulk", "-", "--journal", "run.db")
	vod.Dir = t.TempDir()
	vod.Env = append(cloudEnvironment(server.URL), "HOME="+t.TempDir(), quickExit)
	silent, err := vod.StdinPipe() // and never writes to it
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	stderr, err := vod.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := vod.Start(); err != nil {
		t.Fatal(err)
	}
	messages := bufio.NewReader(stderr)
	if first, err := messages.ReadString('\n'); err != nil || !strings.HasPrefix(first, "vod: the journal is ") {
		t.Fatalf("the first line is %q, %v", first, err)
	}
	if err := vod.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(messages)
	if err != nil {
		t.Fatal(err)
	}
	_ = vod.Wait() // the exit code is looked at below
	if got := vod.ProcessState.ExitCode(); got != exitInterrupted {
		t.Errorf("exit code %d, want %d", got, exitInterrupted)
	}
	want := "vod: error: interrupted\nvod: where: journal run.db\nvod: next: start the same command again; it goes on where it stopped\n"
	if string(rest) != want {
		t.Errorf("standard error is\n%swant\n%s", rest, want)
	}
}
