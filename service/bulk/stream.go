package bulk

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"
	"golang.org/x/text/unicode/norm"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/playlist"
)

// An HLS stream is dumped by its playlist. Whatever a playlist of the source names, be it segments or the playlists of
// variants, belongs to it and is never dumped alone, also when the playlist itself is refused or left out by the filters.
// Since a listing may bring a part before its playlist, the plan notes what playlists name, and its end takes that out.

// RulePlaylist is broken by an object that is named like an HLS playlist and is none.
const RulePlaylist = "playlist"

// planTables hold what one plan notes, on the connection that writes: what playlists name, which refused items stand for
// objects, and what the source says by now of items that were sent otherwise.
const planTables = `
CREATE TEMP TABLE IF NOT EXISTS claim (identity BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS refusal (identity BLOB PRIMARY KEY, item INTEGER NOT NULL) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS seen (item INTEGER PRIMARY KEY, body BLOB NOT NULL);
DELETE FROM temp.claim;
DELETE FROM temp.seen;
DELETE FROM temp.refusal;
`

// concurrentLooks bounds how many playlists are in memory at the same time.
const concurrentLooks = 16

// isPlaylist goes by the extension: only such objects are read.
func isPlaylist(key string) bool { return strings.EqualFold(path.Ext(key), ".m3u8") }

// references returns the addresses of what a playlist of the bucket names. unread reports that only its owner can read it.
func (b *Bucket) references(ctx context.Context, info object.Info) (parts []gen.FileAddr, unread bool, err error) {
	if info.Archived != "" || info.Size > playlist.MaxSize {
		return nil, true, nil
	}
	body, _, err := b.Store.Open(ctx, info.Bucket, info.Key, object.Range{}, "")
	switch {
	case errors.Is(err, object.ErrNotFound): // since it was listed
		return nil, false, nil
	case errors.Is(err, object.ErrDenied), errors.Is(err, object.ErrArchived):
		return nil, true, nil
	case err != nil:
		return nil, false, err
	}
	defer func() { _ = body.Close() }() // only read
	names, err := playlist.References(body)
	for _, name := range names {
		for _, key := range keysOf(info.Key, name) {
			if key != info.Key {
				parts = append(parts, b.address(key))
			}
		}
	}
	return parts, false, err
}

// lookAt settles what a listing does not say of an object: what a playlist names, and whether an archived object can be read
// again.
func (b *Bucket) lookAt(ctx context.Context, info object.Info, e *Entry) (found, error) {
	if info.Archived != "" {
		switch still, err := b.stillArchived(ctx, info); {
		case err != nil:
			return found{}, err
		case !still:
			info.Archived = ""
		}
	}
	if info.Archived != "" && e.Skip == "" {
		e.Violations = contract.Violations{archived(info)}
	}
	if !isPlaylist(info.Key) {
		return found{}, nil
	}
	parts, unread, err := b.references(ctx, info)
	switch fault, ok := errors.AsType[*playlist.Error](err); {
	case ok && e.Skip == "" && e.Request.VideoType == gen.VideoTypeHLS && len(e.Violations) == 0:
		e.Violations = contract.Violations{{Field: "input.object", Rule: RulePlaylist, Message: "is no HLS playlist: " + fault.Reason}}
	case !ok && err != nil:
		return found{}, fmt.Errorf("read playlist %s/%.200q: %w", info.Bucket, info.Key, err)
	}
	if unread {
		at := b.address(info.Key)
		return found{unread: &at}, nil
	}
	if e.Skip == "" && len(e.Violations) == 0 {
		if e.Violations, err = b.archivedParts(ctx, parts); err != nil {
			return found{}, err
		}
	}
	return found{parts: parts}, nil
}

// archivedParts refuses a playlist whose first or last part must be restored: rules of a bucket archive all of a
// recording, and to ask for each segment would take long.
func (b *Bucket) archivedParts(ctx context.Context, parts []gen.FileAddr) (contract.Violations, error) {
	for i, part := range parts {
		if i > 0 && i < len(parts)-1 {
			continue
		}
		now, err := b.Store.Stat(ctx, part.Bucket, part.Object)
		if err == nil && now.Archived != "" {
			switch still, err := b.stillArchived(ctx, now); {
			case err != nil:
				return nil, err
			case still:
				return contract.Violations{archived(now)}, nil
			}
		}
		if ctx.Err() != nil {
			return nil, err
		}
	}
	return nil, nil
}

// address is that of an object of the bucket, as requests have it.
func (b *Bucket) address(key string) gen.FileAddr {
	return gen.FileAddr{Bucket: b.Bucket, Location: cmp.Or(b.Location, b.Defaults.request.Input.Location), Object: key}
}

// keysOf returns the keys that a name in a playlist can stand for. Players read it as a URL, whose path may begin with the
// bucket; those who wrote it may have meant it as it stands.
func keysOf(list, name string) []string {
	var keys []string
	add := func(name string) {
		if host, ok := strings.CutPrefix(name, "//"); ok {
			name = "https://" + host
		}
		if _, rest, ok := strings.Cut(name, "://"); ok {
			_, name, _ = strings.Cut(rest, "/")
			name = "/" + name
		}
		if root, ok := strings.CutPrefix(name, "/"); ok {
			_, behind, _ := strings.Cut(root, "/")
			keys = append(keys, root, behind)
			return
		}
		dir := list[:strings.LastIndexByte(list, '/')+1]
		keys = append(keys, dir+name)
		if strings.HasPrefix(name, ".") || strings.Contains(name, "/.") {
			keys = append(keys, path.Join(dir, name))
		}
	}
	add(name)
	plain, _, _ := strings.Cut(name, "#")
	plain, _, _ = strings.Cut(plain, "?")
	unescaped := unescape(plain)
	// Objects that were uploaded from a Mac can be named in the other form of Unicode than their playlist has.
	for _, variant := range []string{plain, unescaped, strings.ReplaceAll(unescaped, `\`, "/"), norm.NFC.String(unescaped), norm.NFD.String(unescaped)} {
		if variant != name {
			add(variant)
		}
	}
	return keys
}

// unescape decodes what is encoded in a name, and leaves every other % as it stands, as players do.
func unescape(name string) string {
	before, after, found := strings.Cut(name, "%")
	var b strings.Builder
	for b.WriteString(before); found; b.WriteString(before) {
		if len(after) >= 2 {
			if c, err := strconv.ParseUint(after[:2], 16, 8); err == nil {
				b.WriteByte(byte(c))
				before, after, found = strings.Cut(after[2:], "%")
				continue
			}
		}
		b.WriteByte('%')
		before, after, found = strings.Cut(after, "%")
	}
	return b.String()
}

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
	if found.unread != nil {
		p.plan.Unread++
		p.unread[found.unread.Bucket+"/"+namesOf(*found.unread).Dir] = true
	}
	for _, part := range found.parts {
		if _, err := p.journal.write.ExecContext(ctx, "INSERT OR IGNORE INTO temp.claim VALUES (?)", identity(part)); err != nil {
			return err
		}
	}
	return nil
}

// found is what a look at one object of a bucket brought.
type found struct {
	parts  []gen.FileAddr // of a playlist
	unread *gen.FileAddr  // a playlist that could not be read
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
