package bulk

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/vod-reproduction/vod/gen"
)

// An HLS stream is dumped by its playlist. Objects beside or below a playlist that are parts of a stream by their
// extension (ts, and playlists of variants further down) are not dumped one by one; those without a format of their
// own, such as m4s and key, never are. Since a listing may bring a part before its playlist, the journal notes both and
// the end of the plan joins them.

// part notes a playlist or a possible segment of a bucket.
func (p *planner) part(ctx context.Context, e *Entry, id int64) error {
	if e.Line != 0 {
		return nil
	}
	dir := namesOf(e.Request.Input).Dir
	w := p.journal.write
	switch e.Request.VideoType {
	case gen.VideoTypeHLS:
		if _, err := w.ExecContext(ctx, "INSERT OR IGNORE INTO playlist VALUES (?)", dir); err != nil {
			return err
		}
	case gen.VideoTypeTS:
	default:
		return nil
	}
	_, err := w.ExecContext(ctx, "INSERT OR REPLACE INTO segment VALUES (?, ?, ?)", id, dir, e.Size)
	return err
}

// dropSegments takes out the parts that lie beside or below a playlist.
func (p *planner) dropSegments(ctx context.Context) error {
	w := p.journal.write
	after := int64(0)
	for {
		parts, err := p.parts(ctx, after)
		if err != nil || len(parts) == 0 {
			return err
		}
		for _, part := range parts {
			after = part.id
			covered, err := p.covered(ctx, part)
			if err != nil {
				return err
			}
			if !covered {
				continue
			}
			p.plan.Segments++
			p.count(&part.request, part.size, -1)
			for _, statement := range []string{"DELETE FROM item WHERE id = ?", "DELETE FROM status WHERE id = ?"} {
				if _, err := w.ExecContext(ctx, statement, part.id); err != nil {
					return err
				}
			}
		}
	}
}

type part struct {
	id      int64
	dir     string
	size    int64
	request gen.DumpRequest
}

func (p *planner) parts(ctx context.Context, after int64) ([]part, error) {
	rows, err := p.journal.write.QueryContext(ctx, `SELECT segment.item, dir, size, body FROM segment
		JOIN item ON item.id = segment.item JOIN status ON status.id = segment.item
		WHERE segment.item > ? AND state = ? ORDER BY segment.item LIMIT 1000`, after, Pending)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var parts []part
	for rows.Next() {
		var one part
		var body []byte
		if err := rows.Scan(&one.id, &one.dir, &one.size, &body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(body, &one.request); err != nil {
			return nil, err
		}
		parts = append(parts, one)
	}
	return parts, rows.Err()
}

// covered looks for a playlist in the part's directory, for a segment, and in those above.
func (p *planner) covered(ctx context.Context, part part) (bool, error) {
	dir := part.dir
	for up := part.request.VideoType == gen.VideoTypeHLS; ; up = true {
		if up {
			if dir == "" {
				return false, nil
			}
			dir = dir[:max(0, strings.LastIndexByte(dir, '/'))]
		}
		found := false
		err := p.journal.write.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM playlist WHERE dir = ?)", dir).Scan(&found)
		if err != nil || found {
			return found, err
		}
	}
}
