package main

import (
	"bytes"
	"io"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/bulk"
	"github.com/vod-reproduction/vod/signer"
)

func TestBars(t *testing.T) {
	t.Parallel()
	running := func(name string, change func(*companions.ProcessingStep)) companions.ProcessingStep {
		step := companions.ProcessingStep{Name: name, State: companions.StepStateRunning}
		change(&step)
		return step
	}
	seen := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	assets := []companions.AssetInfo{
		{AssetID: "a1", BaseInfo: &companions.BaseInfo{Title: pointer("Holi\x1b[2Jday\n"), Processing: []companions.ProcessingStep{
			{Name: "verify", State: companions.StepStateDone, Progress: pointer(int32(100))},
			running("copy", func(s *companions.ProcessingStep) { s.Bytes, s.Total = pointer(int64(5)), pointer(int64(10)) }),
			running("transcode", func(s *companions.ProcessingStep) { s.Progress = pointer(int32(42)) }),
			running("probe", func(*companions.ProcessingStep) {}),
		}}},
		{AssetID: "a2"}, // another service's response may say nothing
		{AssetID: "a3", BaseInfo: &companions.BaseInfo{Processing: []companions.ProcessingStep{
			running("review", func(s *companions.ProcessingStep) { s.Progress = pointer(int32(900)) }),
			running("copy", func(s *companions.ProcessingStep) { s.Bytes, s.Total = pointer(int64(-5)), pointer(int64(10)) }),
		}}},
	}
	const want = `copy      [#######........]  50 %  Holi�[2Jday�
transcode [######.........]  42 %  Holi�[2Jday�
probe     [...............]  …     Holi�[2Jday�
review    [###############] 100 %
copy      [...............]   0 %
`
	r := rates{}
	if got := strings.Join(r.bars(assets, seen), "\n") + "\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	steps := assets[0].BaseInfo.Processing
	steps[1].Bytes, steps[1].Total = pointer(int64(7_500_000_000)), pointer(int64(10_000_000_000))
	steps[2].Progress = pointer(int32(43))
	const later = `copy      [###########....]  75 %  25.0 MB/s  1m to go  Holi�[2Jday�
transcode [######.........]  43 %  1h35m to go  Holi�[2Jday�
probe     [...............]  …     Holi�[2Jday�
`
	if got := strings.Join(r.bars(assets[:1], seen.Add(100*time.Second)), "\n") + "\n"; got != later {
		t.Errorf("later got\n%swant\n%s", got, later)
	}
	steps[1].Bytes = pointer(int64(1_000_000_000)) // another attempt begins again
	if got := r.bars(assets[:1], seen.Add(200*time.Second))[0]; got != "copy      [#..............]  10 %  Holi�[2Jday�" {
		t.Errorf("another attempt: %s", got)
	}
}

// The bars of a run fit into a narrow terminal.
func TestBulkBars(t *testing.T) {
	t.Parallel()
	p := &progress{
		board: &board{out: io.Discard, rates: rates{}}, wait: true, total: 400_000,
		counts: bulk.Counts{bulk.Pending: 400_000},
	}
	seen := time.Date(2026, 1, 31, 8, 0, 0, 0, time.UTC)
	p.bars(seen)
	p.counts = bulk.Counts{bulk.Pending: 300_000, bulk.Accepted: 80_000, bulk.Done: 19_000, bulk.Failed: 1000}
	const want = `sent      [###............]  25 %  1667 a minute  3h0m to go
ready     [...............]   5 %  333 a minute  19h0m to go
pending 300000, accepted 80000, done 19000, failed 1000`
	got := p.bars(seen.Add(time.Hour))
	if strings.Join(got, "\n") != want {
		t.Errorf("the bars are\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	for _, line := range got {
		if len(line) > 60 {
			t.Errorf("%q has %d characters", line, len(line))
		}
	}
}

// screen is what a terminal shows that knows no other words than those of a board.
type screen struct {
	t     *testing.T
	lines []string
	past  []string // the screen after each write
}

func (s *screen) Write(p []byte) (int, error) {
	text := strings.NewReplacer(wrapOff, "", wrapOn, "").Replace(string(p))
	for text != "" {
		if rest, ok := strings.CutPrefix(text, clearBelow); ok {
			text = rest
			continue
		}
		if rest, ok := strings.CutPrefix(text, "\x1b["); ok {
			rows, rest, _ := strings.Cut(rest, "A")
			var n int
			for _, digit := range rows {
				n = n*10 + int(digit-'0')
			}
			if n > len(s.lines) || !strings.HasPrefix(rest, clearBelow) {
				s.t.Fatalf("cannot go %s lines up from %q", rows, s.lines)
			}
			s.lines, text = s.lines[:len(s.lines)-n], rest
			continue
		}
		line, rest, _ := strings.Cut(text, "\n")
		s.lines, text = append(s.lines, line), rest
	}
	s.past = append(s.past, strings.Join(s.lines, "\n"))
	return len(p), nil
}

func TestBoard(t *testing.T) {
	t.Parallel()
	on := &screen{t: t}
	b := &board{out: on, rates: rates{}}
	b.draw([]string{"one", "two"})
	b.draw([]string{"three"})
	b.clear()
	s := &session{out: on}
	if err := s.print("stays"); err != nil {
		t.Fatal(err)
	}
	var many []string
	for range 25 {
		many = append(many, "row")
	}
	b.draw(many)
	b.clear()
	want := []string{"one\ntwo", "three", "", "stays", "stays\n" + strings.Repeat("row\n", 9) + "and 16 more", "stays"}
	if got := on.past; strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("the screen showed\n%q, want\n%q", got, want)
	}
	var nobody *board
	nobody.draw(many) // must not need a screen
	nobody.clear()
}

// On a terminal the steps move in place, and only what an asset has become stays.
func TestWatchOnTerminal(t *testing.T) {
	t.Parallel()
	c, server := startCloud()
	t.Cleanup(server.Close)
	for id, object := range map[string]string{"a1": "steps.mp4", "a2": "fine.mp4"} {
		c.assets[id] = &cloudAsset{request: &gen.DumpRequest{Title: object, Input: gen.FileAddr{Object: object}}}
	}
	calls := newCloudClient(t, server)
	const bar = "copy      [#######........]  50 %  steps.mp4"
	for _, test := range []struct {
		name string
		s    session
		last string
		bar  bool
	}{
		{"terminal", session{live: true}, "a1\tOBS_CREATING\tsteps.mp4\t\na2\tPUBLISHED\tfine.mp4\t\na1\tPUBLISHED\tsteps.mp4\t", true},
		{"quiet", session{live: true, options: options{quiet: true}},
			"a1\tOBS_CREATING\tsteps.mp4\tcopy running, 5 of 10 bytes\na2\tPUBLISHED\tfine.mp4\t\na1\tPUBLISHED\tsteps.mp4\t", false},
		{"pipe", session{}, "a1\tOBS_CREATING\tsteps.mp4\tcopy running, 5 of 10 bytes\na2\tPUBLISHED\tfine.mp4\t\na1\tPUBLISHED\tsteps.mp4\t", false},
	} {
		c.assets["a1"].looks = 0
		on := &screen{t: t}
		test.s.out = on
		if err := test.s.watch(t.Context(), calls, []string{"a1", "a2"}, time.Millisecond); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if got := on.past[len(on.past)-1]; got != test.last {
			t.Errorf("%s: at last the screen shows\n%s\nwant\n%s", test.name, got, test.last)
		}
		if shown := strings.Contains(strings.Join(on.past, "\n"), bar); shown != test.bar {
			t.Errorf("%s: the bar was shown: %v; the screen was\n%s", test.name, shown, strings.Join(on.past, "\n--\n"))
		}
	}
}

func newCloudClient(t *testing.T, server *httptest.Server) *client.Client {
	t.Helper()
	sign, err := signer.New(signer.Credentials{AccessKey: cloudAccessKey, SecretKey: cloudSecretKey})
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(client.Config{Endpoint: server.URL, Region: "cn-north-4", ProjectID: cloudProject, Auth: sign})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A program whose output is read by another one draws no board.
func TestNoBoardForFiles(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = r.Close(), w.Close() })
	if b := newSession(new(bytes.Buffer), w, w).newBoard(); b != nil {
		t.Error("a pipe gets a board")
	}
}

// Whatever a server or a file holds, a terminal gets one short line of visible characters.
func FuzzPrintable(f *testing.F) {
	for _, seed := range []string{"", "plain", "one\ntwo\r\x00\x1b[2J", "\u202eevil", "\xff\xfe", "日本語", "tab\there"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := printable(text)
		if !utf8.ValidString(got) {
			t.Errorf("%q gives %q, which is not UTF-8", text, got)
		}
		for _, c := range got {
			if !unicode.IsPrint(c) {
				t.Errorf("%q gives %q, which has %q", text, got, c)
			}
		}
		if limit := 3*longestLine + len("…"); len(got) > limit {
			t.Errorf("%d bytes give %d, more than %d", len(text), len(got), limit)
		}
	})
}

// What is in a table is text to spreadsheets and terminals, and everyday names stay as they are.
func TestTableIsInert(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"in/holiday 1+1=2.mp4": "in/holiday 1+1=2.mp4",
		"影片/a-b@c.mp4":         "影片/a-b@c.mp4",
		"":                     "",
		"=1+1":                 "'=1+1",
		"+1":                   "'+1",
		"-1":                   "'-1",
		"@SUM(A1)":             "'@SUM(A1)",
		"  =1":                 "'  =1",
		"＝1":                   "'＝1",
		"\t=1":                 `'\t=1`,
		"\r=1":                 `'\r=1`,
		"\n=1":                 `'\n=1`,
		"a\r\nb\x1b[2J\u202e":  `a\r\nb\x1b[2J\u202e`,
		"a\xffb\x00":           "a\ufffdb" + `\x00`,
	} {
		if got := inert([]string{cell})[0]; got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
	}
}
