package bulk

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// RuleCircle is broken by playlists that name each other.
const RuleCircle = "playlist-circle"

// circles are the playlists that no stream begins with: following names up from them always leads back.
const circles = `
	WITH RECURSIVE stream (identity) AS (
		SELECT list FROM temp.variant WHERE list NOT IN (SELECT identity FROM temp.variant)
		UNION SELECT variant.identity FROM stream JOIN temp.variant ON variant.list = stream.identity)
	SELECT DISTINCT list FROM temp.variant WHERE list NOT IN stream`

// refuseCircles refuses playlists that name each other. As parts of each other all of them would be left out unseen.
func (p *planner) refuseCircles(ctx context.Context) error {
	lists, err := p.circles(ctx)
	if err != nil {
		return err
	}
	for _, list := range lists {
		if _, err := p.journal.write.ExecContext(ctx, "DELETE FROM temp.claim WHERE identity = ?", list); err != nil {
			return err
		}
		var id int64
		var version string
		var body []byte
		err := p.journal.write.QueryRowContext(ctx, `SELECT id, version, body FROM item JOIN status USING (id)
			WHERE identity = ? AND line = 0 AND state = ?`, list, Pending).Scan(&id, &version, &body)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			continue
		case err != nil:
			return err
		}
		request := new(gen.DumpRequest)
		if err := json.Unmarshal(body, request); err != nil {
			return err
		}
		if err := p.remove(ctx, id); err != nil {
			return err
		}
		p.count(request, sizeIn(version), -1)
		if err := p.refuseNew(ctx, &Entry{Request: request, Violations: contract.Violations{{
			Field: "input.object", Rule: RuleCircle,
			Message: "it and other playlists name each other, so that nothing tells which of them is the recording; let variants name segments alone",
		}}}); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) circles(ctx context.Context) (lists [][]byte, err error) {
	rows, err := p.journal.write.QueryContext(ctx, circles)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	for rows.Next() {
		var list []byte
		if err := rows.Scan(&list); err != nil {
			return nil, err
		}
		lists = append(lists, list)
	}
	return lists, rows.Err()
}
