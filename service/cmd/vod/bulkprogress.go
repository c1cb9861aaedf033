package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/vod-reproduction/vod/service/bulk"
)

const (
	// lineEvery is how often a log gets a line, and a terminal its line anew.
	lineEvery     = 10 * time.Second
	terminalEvery = 250 * time.Millisecond
)

// progress shows how a run goes on.
type progress struct {
	*session
	board   *board // nil in a log
	empty   bool   // there is nothing to send, and never was
	wait    bool   // assets are followed to their end
	started time.Time

	mu     sync.Mutex
	total  int64
	ended  int64 // in this run
	counts bulk.Counts
	fault  error
	last   string
}

func (b *bulkDump) newProgress(counts bulk.Counts) *progress {
	return &progress{
		session: b.session, board: b.newMessageBoard(), wait: b.wait, started: time.Now(),
		total: counts.Total() - counts[bulk.Refused], counts: counts,
	}
}

// bulkEvent is a line of "vod bulk -o json". Event is plan, item, progress, unrecorded or end; bulkEventText explains them.
type bulkEvent struct {
	Event   string           `json:"event"`
	Plan    *bulk.Plan       `json:"plan,omitempty"`
	Item    *bulkItem        `json:"item,omitempty"`
	Counts  map[string]int64 `json:"counts,omitempty"`
	Causes  []bulkCause      `json:"causes,omitempty"`
	Seconds float64          `json:"seconds,omitempty"`
}

const bulkEventText = `With -o json standard output has one JSON object a line. Its field event says what
else is in it:

  plan        plan: the numbers of the plan; with --dry-run also counts and causes
  item        item: line, state, bucket, object, title, asset_id, code and message of
              an object that has come to an end, as in vod bulk report -o json; with
              --list every object, those that are left out with the state skipped
  progress    counts: the number of objects in each state; seconds since the start
  unrecorded  item: an object that was accepted and that the journal could not take;
              its asset_id stands nowhere else
  end         counts; causes: state, items, field and rule or code, message, next, the
              first lines or objects`

// observe is called for an item that has come to an end.
func (p *progress) observe(item bulk.Item, was bulk.State) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if was == bulk.Pending {
		p.ended++
	}
	p.counts[was]--
	p.counts[item.State]++
	if !p.options.json() || p.fault != nil || item.State == bulk.Pending { // a look has put it back
		return
	}
	line := itemOf(item)
	p.fault = p.printJSON(bulkEvent{Event: "item", Item: &line})
}

// start shows the progress from time to time until the returned function is called, and says when ctx has ended.
func (p *progress) start(ctx context.Context) (stop func()) {
	every := lineEvery
	if p.board != nil {
		every = terminalEvery
	}
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(every)
		defer tick.Stop()
		done := ctx.Done()
		for {
			select {
			case <-tick.C:
				p.show()
			case <-done:
				done = nil
				p.stopping()
			case <-end:
				return
			}
		}
	}()
	return func() {
		close(end)
		<-ended
		p.board.clear()
	}
}

// stopping says that the end takes as long as the calls in flight.
func (p *progress) stopping() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.board.clear()
	p.note("stopping when the requests in flight have completed; another Ctrl-C ends at once, and leaves them ambiguous")
}

func (p *progress) show() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.board != nil {
		p.board.draw(p.bars(time.Now()))
	} else if line := p.line(time.Since(p.started)); line != p.last {
		p.note("%s", line)
		p.last = line
	}
	if p.options.json() && p.fault == nil {
		p.fault = p.printJSON(bulkEvent{Event: "progress", Counts: namedCounts(p.counts), Seconds: time.Since(p.started).Seconds()})
	}
}

// bars draw how far the run is: what was sent, and with --wait what has come to its end.
func (p *progress) bars(now time.Time) []string {
	if p.total == 0 {
		return nil
	}
	pace := func(perSecond float64) string { return fmt.Sprintf("%.0f a minute", 60*perSecond*float64(p.total)) }
	bar := func(name string, left int64) string {
		return p.board.rates.line(name, name, float64(p.total-left)/float64(p.total), true, pace, now)
	}
	unsent := p.counts[bulk.Pending] + p.counts[bulk.Sent]
	lines := []string{bar("sent", unsent)}
	if p.wait {
		lines = append(lines, bar("ready", unsent+p.counts[bulk.Accepted]))
	}
	return append(lines, describeCounts(p.counts))
}

// line says how far the run is.
func (p *progress) line(elapsed time.Duration) string {
	left := p.counts[bulk.Pending] + p.counts[bulk.Sent]
	parts := []string{fmt.Sprintf("%d of %d", p.total-left, p.total)}
	if perMinute := float64(p.ended) / elapsed.Minutes(); perMinute > 0 && left > 0 {
		wait := time.Duration(float64(left) / perMinute * float64(time.Minute))
		parts = append(parts, fmt.Sprintf("%.0f a minute", perMinute), roughly(wait)+" to go")
	}
	return strings.Join(append(parts, describeCounts(p.counts)), ", ")
}

// describeCounts lists the states that hold something.
func describeCounts(counts bulk.Counts) string {
	var parts []string
	for _, state := range bulk.States {
		if n := counts[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", state, n))
		}
	}
	if len(parts) == 0 {
		return "nothing to do"
	}
	return strings.Join(parts, ", ")
}

func namedCounts(counts bulk.Counts) map[string]int64 {
	named := map[string]int64{}
	for _, state := range bulk.States {
		named[state.String()] = counts[state]
	}
	return named
}

// roughly formats a time as a person would: 3d4h, 2h10m, 5m, 40s.
func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh%dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd%dh", int(d.Hours())/24, int(d.Hours())%24)
}
