package main

import (
	"bufio"
	"bytes"
	"database/sql"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
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

// One Ctrl-C ends a command that waits for standard input.
func TestInterruptedInput(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"validate"}, {"dump", "--file", "-"}, {"sign", "PUT", "https://vod.example", "--data", "-"},
	} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			var messages bytes.Buffer
			vod := exec.CommandContext(t.Context(), "vod", args...)
			vod.Env = []string{"HOME=" + t.TempDir(), quickExit}
			vod.Stderr = &messages
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _, _ = read.Close(), write.Close() })
			vod.Stdin = read
			if err := vod.Start(); err != nil {
				t.Fatal(err)
			}
			// More than a pipe holds: it is written when the command has begun to read.
			if _, err := write.Write(bytes.Repeat([]byte(" "), 65<<10)); err != nil {
				t.Fatal(err)
			}
			if err := vod.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			_ = vod.Wait() // the exit code is looked at below
			if got := vod.ProcessState.ExitCode(); got != exitInterrupted || messages.String() != "vod: error: interrupted\n" {
				t.Errorf("exit code %d, and standard error is\n%s", got, messages.String())
			}
		})
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

// The first Ctrl-C lets the call in flight come to its end, the second ends at once. The journal is whole then, and knows
// which call it was.
func TestInterruptedTwice(t *testing.T) {
	t.Parallel()
	c, server := startCloud()
	t.Cleanup(server.Close)
	dir := t.TempDir()
	manifest := "title,input.bucket,input.object\n"
	for _, object := range []string{"a", "b", "stalls", "c", "d"} {
		manifest += object + ",media," + object + ".mp4\n"
	}
	if err := os.WriteFile(filepath.Join(dir, "m.csv"), []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	command := func(args ...string) *exec.Cmd {
		vod := exec.CommandContext(t.Context(), "vod", args...)
		vod.Dir, vod.Env = dir, append(cloudEnvironment(server.URL), "HOME="+dir, quickExit)
		return vod
	}
	vod := command("bulk", "m.csv", "--concurrency", "1")
	stderr, err := vod.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := vod.Start(); err != nil {
		t.Fatal(err)
	}
	<-c.stalled
	interrupt := func() {
		if err := vod.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
	}
	interrupt()
	messages := bufio.NewScanner(stderr)
	for messages.Scan() {
		if strings.HasPrefix(messages.Text(), "vod: stopping when the requests in flight have completed") {
			interrupt()
		}
	}
	_ = vod.Wait() // its end is looked at below
	if status, ok := vod.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != syscall.SIGINT {
		t.Errorf("it ended with %s", vod.ProcessState)
	}

	db, err := sql.Open("sqlite", filepath.Join(dir, "m.csv.bulk.db"))
	if err != nil {
		t.Fatal(err)
	}
	verdict := ""
	if err := db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("the journal is %s, %v", verdict, err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	next := command("bulk", "m.csv", "--quiet")
	_ = next.Run() // the exit code is looked at below
	if got := next.ProcessState.ExitCode(); got != exitUnknown {
		t.Errorf("the next start: exit code %d, want %d", got, exitUnknown)
	}
	report, err := command("bulk", "report", "m.csv.bulk.db", "--ambiguous", "-o", "csv").Output()
	if err != nil || strings.Count(string(report), "\n") != 2 || !strings.Contains(string(report), ",ambiguous,media,stalls.mp4,stalls,") {
		t.Errorf("ambiguous are (%v)\n%s", err, report)
	}
	if len(c.assets) != 5 {
		t.Errorf("%d assets for 5 objects", len(c.assets))
	}
}
