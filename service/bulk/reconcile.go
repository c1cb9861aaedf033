package bulk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
)

const (
	// aroundCall is how far from the time of a call, by our clock, its asset can have been made by the service's: it takes
	// no call whose signature is 15 minutes off, and we send a call within a minute after it was written down.
	aroundCall = 16 * time.Minute
	// takenWithin is how long after a call the service may still take it: its clock can be as far behind ours.
	takenWithin = 2 * aroundCall
	// mostPages bounds a look; a title that more assets share is no evidence.
	mostPages = 20
)

// reconciler finds out what became of ambiguous items from the assets that the service lists. An asset is that of an item
// when it has the item's title and source, and was made around the time of the call.
//
// That there is one proves that the call was taken. That there is none proves that it was not, but only after
// takenWithin, and where the service is known to list what it has, with the sources: see confirms.
type reconciler struct {
	*run
	looks *pace
	since time.Time // what was called for before is looked for already; zero for nothing

	mu       sync.Mutex
	released int // items that were found not to have been taken
	// control is, by storage mode, the time of the newest call whose asset a look has found with its source.
	control map[gen.StorageMode]time.Time
	refused bool // the service refuses to list assets
}

func (r *run) newReconciler() *reconciler {
	return &reconciler{
		run: r, looks: newPace(r.Clock, looksPerSecond*60, looksPerSecond, r.Patience),
		control: map[gen.StorageMode]time.Time{},
	}
}

// candidates is the assets that may be those of one item.
type candidates struct {
	matches      []string // IDs
	unverifiable []string // those that have the title and whose source or time the service does not report
	whole        bool     // nothing was left unread
}

// settle looks for one ambiguous item.
func (l *reconciler) settle(ctx context.Context, item Item) error {
	l.mu.Lock()
	refused := l.refused
	l.mu.Unlock()
	open, err := l.journal.calls(ctx, item.ID)
	if err != nil || refused || open.n == 0 || open.last.Before(l.since) {
		return err
	}
	request, violations := contract.Decode(item.Body)
	if len(violations) > 0 {
		return fmt.Errorf("journal: item %d has no request: %w", item.ID, violations)
	}
	seen, err := l.find(ctx, request, open)
	if err != nil {
		return l.endured(ctx, item, err)
	}
	// An asset that the journal has belongs to another call.
	if seen.matches, err = l.journal.unknownIDs(ctx, seen.matches); err != nil {
		return err
	}
	if seen.unverifiable, err = l.journal.unknownIDs(ctx, seen.unverifiable); err != nil {
		return err
	}
	return l.judge(ctx, item, request, seen, open)
}

// judge draws the conclusion of a look.
func (l *reconciler) judge(ctx context.Context, item Item, request *gen.DumpRequest, seen candidates, open calls) error {
	d := &delivery{run: l.run, item: item, was: Ambiguous}
	over := l.Clock.Now().Sub(open.last) > takenWithin
	switch {
	case len(seen.matches) > 1:
		return d.note(CodeSeveral, "these assets have its title and source: "+strings.Join(some(seen.matches), ", "))
	case !seen.whole:
		return d.note(CodeInconclusive, "more assets than can be looked through have its title in theirs")
	case len(seen.matches) == 1 && (over || open.n == 1):
		// One call makes one asset. After several, the assets of the others may still be on their way into the listing.
		return d.end(Accepted, seen.matches[0], "", "")
	case len(seen.matches) == 0 && len(seen.unverifiable) > 0:
		return d.note(CodeSourceUnknown, "these assets have its title, but the service does not report their sources: "+strings.Join(some(seen.unverifiable), ", "))
	case len(seen.matches) == 1 || !over:
		return nil // a later look finds more
	}
	proved, err := l.confirms(ctx, request, open.last)
	if err != nil {
		return l.endured(ctx, item, err)
	}
	if !proved {
		return d.note(CodeInconclusive, "no asset is listed, but neither is one that is known to be there, with its source")
	}
	l.mu.Lock()
	l.released++
	l.mu.Unlock()
	return d.end(Pending, "", "", "")
}

// find looks through the assets that may be those of some calls.
func (l *reconciler) find(ctx context.Context, request *gen.DumpRequest, of calls) (candidates, error) {
	search := client.Search{Text: request.Title, From: of.first.Add(-aroundCall), To: of.last.Add(aroundCall)}
	var seen candidates
	for page := range mostPages {
		infos, more, err := l.page(ctx, search, page)
		if err != nil {
			return seen, err
		}
		for _, info := range infos {
			seen.add(info, request, search)
		}
		if !more {
			seen.whole = true
			break
		}
	}
	return seen, nil
}

func (s *candidates) add(info companions.AssetInfo, request *gen.DumpRequest, search client.Search) {
	if info.BaseInfo == nil || info.BaseInfo.Title == nil || *info.BaseInfo.Title != request.Title {
		return
	}
	list := &s.matches
	made, known := client.CreatedAt(info)
	source := info.BaseInfo.SourcePath
	switch {
	case known && (made.Before(search.From.Truncate(time.Second)) || made.After(search.To)):
		return
	case source != nil && (source.Bucket != request.Input.Bucket || source.Object != request.Input.Object ||
		source.Location != "" && source.Location != request.Input.Location):
		return
	case !known, source == nil:
		list = &s.unverifiable
	}
	if !slices.Contains(*list, info.AssetID) { // pages overlap while assets are made
		*list = append(*list, info.AssetID)
	}
}

// page asks for one page, again and again while the failure is a temporary one.
func (l *reconciler) page(ctx context.Context, search client.Search, page int) (infos []companions.AssetInfo, more bool, err error) {
	err = l.patiently(ctx, l.looks, func() error {
		infos, more, err = l.Service.SearchPage(ctx, search, page)
		return err
	})
	return infos, more, err
}

// confirms reports whether a look that found nothing can be believed: an asset of this journal, of the same storage mode and
// called for after the call in question, must be found by the same kind of look, with its source.
func (l *reconciler) confirms(ctx context.Context, request *gen.DumpRequest, call time.Time) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	mode := request.GetStorageMode()
	if l.control[mode].After(call) {
		return true, nil
	}
	controls, err := l.journal.controls(ctx, call)
	if err != nil {
		return false, err
	}
	for _, w := range controls {
		known, violations := contract.Decode(w.body)
		if len(violations) > 0 || known.GetStorageMode() != mode {
			continue
		}
		seen, err := l.find(ctx, known, w.calls)
		if err != nil {
			return false, err
		}
		if slices.Contains(seen.matches, w.assetID) {
			l.control[mode] = w.first
			return true, nil
		}
		return false, nil
	}
	return false, nil
}

// endured is an error of a look: it ends the run when the run is over or the service takes no calls, and else only the
// looking.
func (l *reconciler) endured(ctx context.Context, item Item, err error) error {
	var unavailable *UnavailableError
	if ctx.Err() != nil || errors.As(err, &unavailable) || !fromService(err) {
		return err
	}
	l.mu.Lock()
	l.refused = true
	l.mu.Unlock()
	d := &delivery{run: l.run, item: item, was: Ambiguous}
	return d.note(CodeListRefused, "its asset could not be looked for: "+err.Error())
}

// note writes down what a look has found about an item that stays ambiguous.
func (d *delivery) note(code, message string) error {
	if d.item.Code == code && d.item.Message == message {
		return nil
	}
	return d.end(Ambiguous, "", code, message)
}

// some returns as many IDs as a person wants to look at.
func some(ids []string) []string {
	const most = 5
	if len(ids) <= most {
		return ids
	}
	return append(slices.Clone(ids[:most]), fmt.Sprintf("and %d more", len(ids)-most))
}
