package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

const document = `# Figures

<!-- measured: BenchmarkBeside -->
old
<!-- end -->

More.

<!-- measured, if it ran: BenchmarkElsewhere -->
kept
<!-- end -->
`

func write(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "performance.md")
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestRun(t *testing.T) {
	t.Parallel()
	cores := "-" + strconv.Itoa(runtime.GOMAXPROCS(0))
	output := "goos: linux\ncpu: Fast One\n" +
		"BenchmarkBeside/sign,_from_a_request" + cores + " \t 1\t 2.000 ours-allocs/op\t 1250 ours-ns/op\t 70 peer-allocs/op\t 6500000 peer-ns/op\t 0.1923 ratio\n" +
		"BenchmarkBeside/verify" + cores + " 1 0 ours-allocs/op 12.34 ours-ns/op 0 peer-allocs/op 123.4 peer-ns/op 0.1 ratio\n" +
		"BenchmarkBeside/start" + cores + " 1 20 ours-ns/op 10 peer-ns/op 2 ratio\n" +
		"BenchmarkOther" + cores + " 100 17 ns/op\nPASS\n"
	file := write(t)
	if err := run(file, strings.NewReader(output), time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# Figures", "\nMore.\n", "if it ran: BenchmarkElsewhere -->\nkept\n<!-- end -->\n", "Fast One, ", ", 2026-01-16, load ",
		"| sign, from a request | 1.25 µs | 6.50 ms | 0.19 | 2 : 70 |\n",
		"| start | 20.0 ns | 10.0 ns | 2.00 | – |\n",
		"| verify | 12.3 ns | 123 ns | 0.10 | 0 : 0 |\n",
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(string(got), "old") {
		t.Errorf("the old table is still in\n%s", got)
	}
}

func TestRunWithoutResults(t *testing.T) {
	t.Parallel()
	file := write(t)
	err := run(file, strings.NewReader("PASS\n"), time.Now())
	if err == nil || !strings.Contains(err.Error(), "BenchmarkBeside was not measured") {
		t.Errorf("error %v", err)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != document {
		t.Errorf("the document is now %s, %v", got, err)
	}
}
