//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestFullDisk lets the disk end at one place of the journal after the other: the kernel takes no more than so many
// bytes of a file. Every asset that the cloud has made must be in the journal or be told in the error, and its object is
// never sent again unasked.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	const objects, first, last, step = 6, 96, 320, 16 // blocks of 512 bytes
	manifest := "title,input.bucket,input.object\n"
	for i := range objects {
		manifest += fmt.Sprintf("t,media,%d.mp4\n", i)
	}
	told := 0
	for limit := first; limit <= last; limit += step {
		c, server := startCloud()
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "m.csv"), []byte(manifest), 0o600); err != nil {
			t.Fatal(err)
		}
		shell := func(script string) (out, messages string, code int) {
			var stdout, stderr bytes.Buffer
			sh := exec.CommandContext(t.Context(), "sh", "-c", script)
			sh.Dir, sh.Stdout, sh.Stderr = dir, &stdout, &stderr
			sh.Env = append(cloudEnvironment(server.URL), "PATH="+os.Getenv("PATH"), "HOME="+dir, quickExit)
			_ = sh.Run() // the exit code is looked at by the caller
			return stdout.String(), stderr.String(), sh.ProcessState.ExitCode()
		}
		_, messages, code := shell(fmt.Sprintf("ulimit -f %d && exec vod bulk m.csv --concurrency 2", limit))
		unrecorded := strings.Count(messages, " is that of obs://media/")
		told += unrecorded
		if strings.ContainsRune(messages, utf8.RuneError) {
			t.Errorf("limit %d: joined errors are not told apart:\n%s", limit, messages)
		}
		switch {
		case unrecorded > 0 && (code != exitUnknown || !strings.Contains(messages, "next: keep the asset IDs above; free disk space for the journal")):
			t.Errorf("limit %d: exit code %d\n%s", limit, code, messages)
		case unrecorded == 0 && code != exitOK && !strings.Contains(messages, "next: free disk space for the journal"):
			t.Errorf("limit %d: exit code %d\n%s", limit, code, messages)
		}
		_, again, code := shell("exec vod bulk m.csv")
		if want := map[bool]int{true: exitUnknown, false: exitOK}[unrecorded > 0]; code != want {
			t.Errorf("limit %d: the next start: exit code %d, want %d\n%s\nafter\n%s", limit, code, want, again, messages)
		}
		report, _, _ := shell("exec vod bulk report m.csv.bulk.db --accepted --done --ambiguous")
		if len(c.assets) != objects {
			t.Errorf("limit %d: %d assets for %d objects", limit, len(c.assets), objects)
		}
		for id := range c.assets {
			if !strings.Contains(report, id) && !strings.Contains(messages, id) {
				t.Errorf("limit %d: asset %s is lost\n%s\n%s", limit, id, messages, report)
			}
		}
		server.Close()
	}
	if told == 0 {
		t.Error("no start ended between an answer and its entry")
	}
}
