package bulk

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/vod-reproduction/vod/gen"
)

// An HLS stream is dumped by its playlist. Whatever a playlist of the source names, be it segments or the playlists of
// variants, belongs to it and is never dumped alone, also when the playlist itself is refused or left out by the filters.
// Since a listing may bring a part before its playlist, the plan notes what playlists name, and its end takes that out.

// planTables hold what one plan notes, on the connection that writes: what playlists name, which of them name playlists,
// which refused items stand for objects, and what the source says by now of items that were sent otherwise.
const planTables = `
CREATE TEMP TABLE IF NOT EXISTS claim (identity BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS variant (list BLOB, identity BLOB, PRIMARY KEY (list, identity)) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS refusal (identity BLOB PRIMARY KEY, item INTEGER NOT NULL) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS seen (item INTEGER PRIMARY KEY, body BLOB NOT NULL);
DELETE FROM temp.claim;
DELETE FROM temp.variant;
DELETE FROM temp.seen;
DELETE FROM temp.refusal;
`

// concurrentLooks bounds how many playlists are in memory at the same time.
const concurrentLooks = 16

// look completes the entries that a listing alone does not settle, and notes what playlists name.
func (p *planner) look(ctx context.Context, batch []Entry) error {
	group, looking := errgroup.WithContext(ctx)
	group.SetLimit(concurrentLooks)
	for i := range batch {
		if e := &batch[i]; e.look != nil {
			group.Go(func() error {
				found, err := e.look(looking, e)
				if err != nil {
					return err
				}
				return p.journal.transact(looking, func() error { return p.claim(looking, found) })
			})
		}
	}
	return group.Wait()
}

// claim notes what one playlist names.
func (p *planner) claim(ctx context.Context, found found) error {
	ctx = context.WithoutCancel(ctx)
	if found.unread {
		p.plan.Unread++
		p.unread[found.at.Bucket+"/"+namesOf(found.at).Dir] = true
	}
	for _, part := range found.parts {
		if _, err := p.journal.write.ExecContext(ctx, "INSERT OR IGNORE INTO temp.claim VALUES (?)", identity(part)); err != nil {
			return err
		}
		if !isPlaylist(part.Object) {
			continue
		}
		if _, err := p.journal.write.ExecContext(ctx, "INSERT OR IGNORE INTO temp.variant VALUES (?, ?)", identity(found.at), identity(part)); err != nil {
			return err
		}
	}
	return nil
}

// Items that may belong to a playlist, a thousand at a time, in the order of their identities.
const (
	claimedPending = `SELECT identity, item.id, item.plan, version, body, state FROM temp.claim CROSS JOIN item USING (identity)
		JOIN status ON status.id = item.id WHERE identity > ?1 AND line = 0 AND state = ?2 ORDER BY identity LIMIT 1000`
	claimedRefused = `SELECT claim.identity, item.id, item.plan, version, body, state FROM temp.claim CROSS JOIN temp.refusal USING (identity)
		JOIN item ON item.id = refusal.item JOIN status ON status.id = item.id
		WHERE claim.identity > ?1 AND state = ?2 ORDER BY claim.identity LIMIT 1000`
	allPending = `SELECT identity, item.id, item.plan, version, body, state FROM item JOIN status ON status.id = item.id
		WHERE identity > ?1 AND line = 0 AND state = ?2 ORDER BY identity LIMIT 1000`
)

// dropParts takes out what belongs to playlists.
func (p *planner) dropParts(ctx context.Context) error {
	if err := p.refuseCircles(ctx); err != nil {
		return err
	}
	if err := p.drop(ctx, claimedPending, Pending, nil); err != nil {
		return err
	}
	if err := p.drop(ctx, claimedRefused, Refused, nil); err != nil || len(p.unread) == 0 {
		return err
	}
	return p.drop(ctx, allPending, Pending, p.besideUnread)
}

// planned is an item that may belong to a playlist.
type planned struct {
	id, plan int64
	size     int64
	request  gen.DumpRequest
	state    State
}

// drop takes out the items of a query that belong to a playlist; nil stands for all of them.
func (p *planner) drop(ctx context.Context, query string, state State, belongs func(*planned) bool) error {
	after := []byte{}
	for {
		items, last, err := p.candidates(ctx, query, after, state)
		if err != nil || len(items) == 0 {
			return err
		}
		after = last
		for i := range items {
			one := &items[i]
			if belongs != nil && !belongs(one) {
				continue
			}
			if err := p.remove(ctx, one.id); err != nil {
				return err
			}
			switch {
			case one.plan != p.number: // of an earlier plan, and no longer in the source
				continue
			case one.state == Refused:
				p.plan.Refused--
			default:
				p.count(&one.request, one.size, -1)
			}
			p.plan.Segments++
			p.skip(&Entry{Request: &one.request}, SkipPart)
		}
	}
}

func (p *planner) candidates(ctx context.Context, query string, after []byte, state State) (items []planned, last []byte, err error) {
	rows, err := p.journal.write.QueryContext(ctx, query, after, state)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var one planned
		var version string
		var body []byte
		if err := rows.Scan(&last, &one.id, &one.plan, &version, &body, &one.state); err != nil {
			return nil, nil, err
		}
		if err := json.Unmarshal(body, &one.request); err != nil {
			return nil, nil, err
		}
		one.size = sizeIn(version)
		items = append(items, one)
	}
	return items, bytes.Clone(last), rows.Err()
}

// sizeIn returns the size that ends the version of an object.
func sizeIn(version string) int64 {
	size, _ := strconv.ParseInt(version[strings.LastIndexByte(version, ' ')+1:], 10, 64)
	return size
}

// besideUnread guesses, where a playlist could not be read, that segments beside it and below it are its own, and so are
// playlists below it.
func (p *planner) besideUnread(one *planned) bool {
	dir := namesOf(one.request.Input).Dir
	switch {
	case one.request.VideoType == gen.VideoTypeTS:
	case one.request.VideoType != gen.VideoTypeHLS || dir == "":
		return false
	default:
		dir = dir[:max(0, strings.LastIndexByte(dir, '/'))]
	}
	for {
		if p.unread[one.request.Input.Bucket+"/"+dir] {
			return true
		}
		if dir == "" {
			return false
		}
		dir = dir[:max(0, strings.LastIndexByte(dir, '/'))]
	}
}
