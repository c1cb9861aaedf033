// Command benchtable writes the results of benchmarks into the tables of a document. It reads what "go test -bench" prints
// from standard input, and replaces everything between
//
//	<!-- measured: BenchmarkName -->
//	<!-- end -->
//
// by a table with a row for each sub-benchmark of that name that compares ours with a peer (package sidebyside), and
// writes the machine and the day below the table. A document that names a benchmark which was not run is an error, and
// stays as it was; unless the first line says "measured, if it ran", and the old table is kept.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

func main() {
	document := flag.String("document", "docs/performance.md", "file with the tables")
	flag.Parse()
	if err := run(*document, os.Stdin, time.Now()); err != nil {
		fmt.Fprintln(os.Stderr, "benchtable:", err)
		os.Exit(1)
	}
}

func run(document string, in io.Reader, now time.Time) error {
	results, err := read(in)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	written, err := fill(text, results, fmt.Sprintf("%s, %d processors, %s, %s, load %s.", results.processor,
		runtime.NumCPU(), runtime.Version(), now.UTC().Format(time.DateOnly), load()))
	if err != nil {
		return err
	}
	return os.WriteFile(document, written, 0o600)
}

// results are the rows by the name of their benchmark.
type results struct {
	processor string
	rows      map[string][]row
}

// row is one comparison: figures by their unit.
type row struct {
	label   string
	figures map[string]float64
}

// read collects the comparisons from the output of "go test -bench".
func read(in io.Reader) (results, error) {
	all := results{processor: runtime.GOARCH, rows: map[string][]row{}}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		line := lines.Text()
		if name, ok := strings.CutPrefix(line, "cpu: "); ok {
			all.processor = name
		}
		words := strings.Fields(line)
		if len(words) < 4 || !strings.HasPrefix(line, "Benchmark") {
			continue
		}
		benchmark, label, ok := strings.Cut(strings.TrimSuffix(words[0], "-"+strconv.Itoa(runtime.GOMAXPROCS(0))), "/")
		if !ok {
			continue
		}
		r := row{label: strings.ReplaceAll(label, "_", " "), figures: map[string]float64{}}
		for i := 2; i+1 < len(words); i += 2 {
			figure, err := strconv.ParseFloat(words[i], 64)
			if err != nil {
				return all, fmt.Errorf("%q: %w", line, err)
			}
			r.figures[words[i+1]] = figure
		}
		if _, compares := r.figures["ratio"]; compares {
			all.rows[benchmark] = append(all.rows[benchmark], r)
		}
	}
	return all, lines.Err()
}

var block = regexp.MustCompile(`(?s)(<!-- measured(, if it ran)?: (\w+) -->\n).*?<!-- end -->`)

// fill replaces the tables of a document.
func fill(text []byte, all results, on string) ([]byte, error) {
	var missing []error
	text = block.ReplaceAllFunc(text, func(found []byte) []byte {
		parts := block.FindSubmatch(found)
		head, optional, name := parts[1], len(parts[2]) > 0, string(parts[3])
		rows := all.rows[name]
		if len(rows) == 0 {
			if !optional {
				missing = append(missing, fmt.Errorf("%s was not measured", name))
			}
			return found
		}
		var b bytes.Buffer
		fmt.Fprintf(&b, "%s| | ours | peer | ratio | allocations, ours : peer |\n|---|---|---|---|---|\n", head)
		for _, r := range rows {
			allocations := "–"
			if ours, measured := r.figures["ours-allocs/op"]; measured {
				allocations = fmt.Sprintf("%.0f : %.0f", ours, r.figures["peer-allocs/op"])
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %.2f | %s |\n", r.label, duration(r.figures["ours-ns/op"]),
				duration(r.figures["peer-ns/op"]), r.figures["ratio"], allocations)
		}
		fmt.Fprintf(&b, "\n%s\n<!-- end -->", on)
		return b.Bytes()
	})
	return text, errors.Join(missing...)
}

// duration writes nanoseconds with three digits.
func duration(ns float64) string {
	unit := "ns"
	for _, larger := range []string{"µs", "ms", "s"} {
		if ns < 1000 {
			break
		}
		ns, unit = ns/1000, larger
	}
	digits := 0
	for limit := 100.0; ns < limit && digits < 2; limit /= 10 {
		digits++
	}
	return strconv.FormatFloat(ns, 'f', digits, 64) + " " + unit
}

// load returns how many programs the machine ran on average in the last minute, where it says so.
func load() string {
	content, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	minute, _, _ := strings.Cut(string(content), " ")
	return minute
}
