package bulk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/bulk"
)

// script is a service that answers each call as the title of its request asks, as often as it asks.
type script struct {
	keys bool
	// plays has the responses to the calls for one title, in order; afterwards, and for other titles, calls are taken.
	plays map[string][]error

	mu     sync.Mutex
	calls  map[string]int // by title
	status companions.AssetStatus
}

func (s *script) DumpBody(_ context.Context, body []byte, _ ...client.DumpOption) (string, error) {
	r, violations := contract.Decode(body)
	if len(violations) > 0 {
		return "", &client.ValidationError{Op: "dump", Violations: violations}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.calls == nil {
		s.calls = map[string]int{}
	}
	n := s.calls[r.Title]
	s.calls[r.Title]++
	if play := s.plays[r.Title]; n < len(play) {
		return "", play[n]
	}
	return "asset-of-" + strings.ReplaceAll(r.Title, " ", "-"), nil
}

// SearchPage finds nothing; shelf does.
func (s *script) SearchPage(context.Context, client.Search, int) ([]companions.AssetInfo, bool, error) {
	return nil, false, nil
}

func (s *script) HonorsKeys(context.Context) bool { return s.keys }

func (s *script) Assets(_ context.Context, ids ...string) ([]companions.AssetInfo, error) {
	if len(ids) > 10 {
		return nil, errors.New("too many")
	}
	var infos []companions.AssetInfo
	for _, id := range ids {
		infos = append(infos, companions.AssetInfo{AssetID: id, Status: s.status})
	}
	return infos, nil
}

func lost() error {
	return &client.AmbiguousError{Op: "dump", Attempts: 1, Err: &client.TransportError{Op: "dump", Sent: client.SentYes, Err: errors.New("EOF")}}
}

func refusal(status int, code contract.Code) error {
	return &client.APIError{Op: "dump", Status: status, Code: code, Message: "no"}
}

func unreachable() error {
	return &client.TransportError{Op: "dump", Sent: client.SentNo, Err: errors.New("connection refused")}
}

func busy(after time.Duration) error {
	return &client.APIError{Op: "dump", Status: http.StatusTooManyRequests, Code: contract.CodeThrottled, RetryAfter: after, HasRetryAfter: after > 0}
}

// run plans n lines and runs them one after the other, under a clock of its own.
func run(t *testing.T, n int, s *script, change func(*bulk.Config)) (*bulk.Journal, error) {
	t.Helper()
	j := openJournal(t, filepath.Join(t.TempDir(), "run.db"))
	t.Cleanup(func() { _ = j.Close() })
	planText(t, j, lines(n))
	return j, rerun(t, j, s, change)
}

func rerun(t *testing.T, j *bulk.Journal, s *script, change func(*bulk.Config)) error {
	config := bulk.Config{Service: s, Concurrency: 1, Clock: &clock{now: time.Unix(0, 0)}}
	if change != nil {
		change(&config)
	}
	return bulk.Run(t.Context(), j, config)
}

// clock is a time that passes only while somebody sleeps.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return ctx.Err()
}

// TestOutcomes follows one item, clip 1 of 3, through every kind of answer.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	missing := refusal(400, contract.CodeNoSuchObject)
	for name, c := range map[string]struct {
		keys    bool
		answers []error
		want    bulk.State
		calls   int
		code    string
	}{
		"taken":                        {want: bulk.Accepted, calls: 1},
		"refused":                      {answers: []error{missing}, want: bulk.Failed, calls: 1, code: string(contract.CodeNoSuchObject)},
		"throttled":                    {answers: []error{busy(time.Second), busy(0)}, want: bulk.Accepted, calls: 3},
		"unreachable":                  {answers: []error{unreachable()}, want: bulk.Accepted, calls: 2},
		"lost":                         {answers: []error{lost()}, want: bulk.Ambiguous, calls: 1, code: bulk.CodeNoResponse},
		"lost, keys":                   {keys: true, answers: []error{lost(), lost()}, want: bulk.Accepted, calls: 3},
		"lost, keys, throttled":        {keys: true, answers: []error{lost(), busy(1), unreachable()}, want: bulk.Accepted, calls: 4},
		"lost, keys, refused":          {keys: true, answers: []error{lost(), missing}, want: bulk.Ambiguous, calls: 2, code: string(contract.CodeNoSuchObject)},
		"lost, keys, again and again":  {keys: true, answers: []error{lost(), lost(), lost(), lost(), lost(), lost()}, want: bulk.Ambiguous, calls: 5, code: bulk.CodeNoResponse},
		"throttled, then lost, no key": {answers: []error{busy(1), lost()}, want: bulk.Ambiguous, calls: 2, code: bulk.CodeNoResponse},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{keys: c.keys, plays: map[string][]error{"clip 1": c.answers}}
			j, err := run(t, 3, s, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range items(t, j, bulk.States...) {
				want, calls, code := bulk.Accepted, 1, ""
				if item.Request().Title == "clip 1" {
					want, calls, code = c.want, c.calls, c.code
				}
				if item.State != want || item.Code != code || s.calls[item.Request().Title] != calls {
					t.Errorf("%s is %s (%s) after %d calls, want %s (%s) after %d", item.Request().Title, item.State, item.Code,
						s.calls[item.Request().Title], want, code, calls)
				}
			}
			second := &script{}
			if err := rerun(t, j, second, nil); err != nil || total(second) != 0 {
				t.Errorf("another start sends %d, %v", total(second), err)
			}
		})
	}
}

func total(s *script) int {
	n := 0
	for _, calls := range s.calls {
		n += calls
	}
	return n
}

// TestSettle sends what is ambiguous only where that is safe or asked for.
func TestSettle(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		keys, retry bool
		want        bulk.State
	}{
		"neither": {want: bulk.Ambiguous}, "keys": {keys: true, want: bulk.Accepted}, "asked for": {retry: true, want: bulk.Accepted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j, err := run(t, 1, &script{plays: map[string][]error{"clip 0": {lost()}}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			second := &script{keys: c.keys}
			if err := rerun(t, j, second, func(config *bulk.Config) { config.RetryAmbiguous = c.retry }); err != nil {
				t.Fatal(err)
			}
			if got := items(t, j, bulk.States...)[0]; got.State != c.want {
				t.Errorf("it is %s, want %s", got.State, c.want)
			}
			if sent := total(second); (sent > 0) != (c.want == bulk.Accepted) {
				t.Errorf("%d calls", sent)
			}
		})
	}
}

// TestRetryKeepsDoubt sends an ambiguous item again, as a person has asked, and meets answers that say nothing about
// the call before: the item stays ambiguous, and no later start sends it unasked.
func TestRetryKeepsDoubt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answers []error
		want    bulk.State
		code    string
	}{
		"refused":              {[]error{refusal(400, contract.CodeNoSuchObject)}, bulk.Ambiguous, string(contract.CodeNoSuchObject)},
		"throttled for long":   {[]error{busy(time.Hour)}, bulk.Ambiguous, string(contract.CodeThrottled)},
		"unreachable for long": {slices.Repeat([]error{unreachable()}, 100), bulk.Ambiguous, bulk.CodeNotSent},
		"lost again":           {[]error{lost()}, bulk.Ambiguous, bulk.CodeNoResponse},
		"throttled, refused":   {[]error{busy(1), refusal(403, contract.CodeBucketForbidden)}, bulk.Ambiguous, string(contract.CodeBucketForbidden)},
		"throttled, taken":     {[]error{busy(1)}, bulk.Accepted, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j, err := run(t, 1, &script{plays: map[string][]error{"clip 0": {lost()}}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			second := &script{plays: map[string][]error{"clip 0": c.answers}}
			err = rerun(t, j, second, func(config *bulk.Config) { config.RetryAmbiguous = true })
			if err != nil && !is[*bulk.UnavailableError](err) && !is[*bulk.FatalError](err) {
				t.Fatal(err)
			}
			if got := items(t, j, bulk.States...)[0]; got.State != c.want || got.Code != c.code || total(second) == 0 {
				t.Errorf("it is %s (%s) after %d calls, want %s (%s)", got.State, got.Code, total(second), c.want, c.code)
			}
			third := &script{}
			if err := rerun(t, j, third, nil); err != nil || total(third) != 0 {
				t.Errorf("the start after it sends %d, %v", total(third), err)
			}
		})
	}
}

// TestFatal stops after a few calls when all would end alike, and goes on once the cause is gone.
func TestFatal(t *testing.T) {
	t.Parallel()
	const n = 50
	for code, c := range map[string]struct {
		answer func() error
		most   int
		check  func(error) bool
		left   bulk.State
	}{
		"APIGW.0301":                         {func() error { return refusal(401, "APIGW.0301") }, 3, is[*bulk.FatalError], bulk.Pending},
		"VOD.10120":                          {func() error { return refusal(403, "VOD.10120") }, 3, is[*bulk.FatalError], bulk.Pending},
		string(contract.CodeWrongProject):    {func() error { return refusal(403, contract.CodeWrongProject) }, 3, is[*bulk.FatalError], bulk.Pending},
		string(contract.CodeBucketForbidden): {func() error { return refusal(403, contract.CodeBucketForbidden) }, 3, is[*bulk.FatalError], bulk.Pending},
		"an unknown template": {func() error {
			return &client.APIError{Op: "dump", Status: 400, Code: contract.CodeIllegalParameter, Message: "template_group_name: unknown name"}
		}, 3, is[*bulk.FatalError], bulk.Pending},
		"no answers":       {lost, 10, is[*bulk.TooManyUnknownError], bulk.Ambiguous},
		"unreachable":      {unreachable, 12, is[*bulk.UnavailableError], bulk.Pending},
		"busy for an hour": {func() error { return busy(time.Hour) }, 1, is[*bulk.UnavailableError], bulk.Pending},
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			s := &script{plays: map[string][]error{}}
			for i := range n {
				for range 20 {
					s.plays[fmt.Sprintf("clip %d", i)] = append(s.plays[fmt.Sprintf("clip %d", i)], c.answer())
				}
			}
			j, err := run(t, n, s, nil)
			if !c.check(err) || total(s) > c.most {
				t.Errorf("after %d calls: %v", total(s), err)
			}
			counts, err := j.Counts(t.Context())
			if err != nil || counts[bulk.Failed] != 0 || counts[c.left] == 0 {
				t.Errorf("left %v, %v", counts, err)
			}
			if err := rerun(t, j, &script{}, func(config *bulk.Config) { config.RetryAmbiguous = true }); err != nil {
				t.Fatal(err)
			}
			if counts, err := j.Counts(t.Context()); err != nil || counts[bulk.Accepted] != n {
				t.Errorf("after the cause has gone: %v, %v", counts, err)
			}
		})
	}
}

func is[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}

// TestOneBadObject does not stop a run, however many there are.
func TestOneBadObject(t *testing.T) {
	t.Parallel()
	s := &script{plays: map[string][]error{}}
	for i := range 20 {
		s.plays[fmt.Sprintf("clip %d", i)] = []error{refusal(400, contract.CodeNoSuchObject)}
	}
	j, err := run(t, 30, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if counts, err := j.Counts(t.Context()); err != nil || counts[bulk.Failed] != 20 || counts[bulk.Accepted] != 10 {
		t.Errorf("%v, %v", counts, err)
	}
	if err := j.RetryFailed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := rerun(t, j, s, nil); err != nil {
		t.Fatal(err)
	}
	if counts, err := j.Counts(t.Context()); err != nil || counts[bulk.Accepted] != 30 {
		t.Errorf("after RetryFailed: %v, %v", counts, err)
	}
}

// TestWrongTemplates does not stop for templates that the lines name themselves.
func TestWrongTemplates(t *testing.T) {
	t.Parallel()
	unknown := &client.APIError{Op: "dump", Status: 400, Code: contract.CodeIllegalParameter, Message: "template_group_name: unknown name"}
	s := &script{plays: map[string][]error{}}
	var text strings.Builder
	for i := range 10 {
		title := fmt.Sprintf("clip %d", i)
		text.WriteString(strings.Replace(line(title+".mp4", title), "{", fmt.Sprintf(`{"template_group_name":"%d",`, i), 1))
		s.plays[title] = []error{unknown}
	}
	j := openJournal(t, filepath.Join(t.TempDir(), "run.db"))
	defer func() { _ = j.Close() }()
	planText(t, j, text.String())
	if err := rerun(t, j, s, nil); err != nil {
		t.Fatal(err)
	}
	if counts, err := j.Counts(t.Context()); err != nil || counts[bulk.Failed] != 10 {
		t.Errorf("%v, %v", counts, err)
	}
}

// TestStop ends a run between two calls; the call in flight gets its response.
func TestStop(t *testing.T) {
	t.Parallel()
	j := openJournal(t, filepath.Join(t.TempDir(), "run.db"))
	defer func() { _ = j.Close() }()
	planText(t, j, lines(100))
	ctx, cancel := context.WithCancel(t.Context())
	s := &script{}
	n := 0
	err := bulk.Run(ctx, j, bulk.Config{Service: s, Concurrency: 4, Clock: &clock{}, Observe: func(bulk.Item, bulk.State) {
		if n++; n == 10 {
			cancel()
		}
	}})
	counts, counted := j.Counts(t.Context())
	if !errors.Is(err, context.Canceled) || counted != nil {
		t.Errorf("%v, %v", err, counted)
	}
	if counts[bulk.Accepted] != int64(total(s)) || counts[bulk.Accepted]+counts[bulk.Pending] != 100 || counts[bulk.Pending] == 0 {
		t.Errorf("%v after %d calls", counts, total(s))
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	for status, want := range map[companions.AssetStatus]bulk.State{
		companions.AssetStatusPublished: bulk.Done, companions.AssetStatusOBSCreateFailed: bulk.Failed,
		companions.AssetStatusNoAsset: bulk.Failed,
	} {
		s := &script{status: status}
		j, err := run(t, 25, s, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := bulk.Follow(t.Context(), j, bulk.Config{Service: s, Clock: &clock{}}); err != nil {
			t.Fatal(err)
		}
		if counts, err := j.Counts(t.Context()); err != nil || counts[want] != 25 {
			t.Errorf("%s: %v, %v", status, counts, err)
		}
		if got := items(t, j, want)[0]; got.AssetID == "" {
			t.Errorf("%s: the asset is forgotten", status)
		}
	}
}

// TestFollowTogether observes items in their order, each once all that ended in the same call are in the journal.
func TestFollowTogether(t *testing.T) {
	t.Parallel()
	s := &script{status: companions.AssetStatusPublished}
	j, err := run(t, 25, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	var observed []int64
	err = bulk.Follow(t.Context(), j, bulk.Config{Service: s, Clock: &clock{}, Observe: func(item bulk.Item, was bulk.State) {
		counts, err := j.Counts(t.Context())
		if inCall := int64(min(25, len(observed)/10*10+10)); err != nil || counts[bulk.Done] != inCall {
			t.Errorf("%v, %v behind %d items, want %d", counts, err, len(observed), inCall)
		}
		if item.State != bulk.Done || was != bulk.Accepted || item.AssetID == "" {
			t.Errorf("%+v, which was %s", item, was)
		}
		observed = append(observed, item.ID)
	}})
	if err != nil || len(observed) != 25 || !slices.IsSorted(observed) {
		t.Errorf("%v, observed %v", err, observed)
	}
}
