package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vod-reproduction/vod/service/asset"
)

const (
	// indexedSearch is how many characters a text needs to be found by an index.
	indexedSearch = 3
	// searched is what is searched of an asset named a.
	searched = "a.title || '\n' || a.source_key || '\n' || a.tags"
	// scannedSearch is how many assets are read to be searched: the newest ones for a shorter text, and all that a filter
	// leaves where these are not more, because the index of texts knows no filters.
	scannedSearch = 2000
	// fewTranscodes is how many assets are found by the states of their transcoding. More are found the other way round, because
	// these states are of all projects.
	fewTranscodes = 1000
	// sortedSearch is how many of the newest matches of a search are sorted by anything but their age.
	sortedSearch = 1000
)

// List returns one page of the assets that match q, in its order, and how many
// match in all, counting no further than q.CountTo and only without q.Counted. A search for one or two
// characters looks at the newest assets only.
func (s *Store) List(ctx context.Context, q asset.Query) (page []asset.Asset, total int, err error) {
	switch {
	case q.Page < 0:
		return nil, 0, fmt.Errorf("list assets: page %d is negative", q.Page)
	case q.Size == 0:
		q.Size = asset.DefaultPageSize
	case q.Size < 0, q.Size > asset.MaxPageSize:
		return nil, 0, fmt.Errorf("list assets: size %d is not between 1 and %d", q.Size, asset.MaxPageSize)
	}
	q.Page = min(q.Page, math.MaxInt/q.Size-1) // no list is that long, and the numbers of its rows do not overflow
	order := orders[q.Order]
	if q.Order == asset.OrderNewest && (!q.From.IsZero() || !q.To.IsZero()) {
		order = byTime
	}
	limit := cmp.Or(q.CountTo, asset.MaxTotal)
	err = s.listing(ctx, func(tx *sql.Tx) error {
		if s.dialect.texts != nil && q.Text != "" && order == byAge && !narrowed(q) && q.Search == "" {
			page, total, err = s.listTexts(ctx, tx, q, limit)
			return err
		}
		found, err := s.selected(ctx, tx, q)
		if err != nil {
			return err
		}
		if order == byAge && found.along != "" {
			page, total, err = readOnce(ctx, tx, found, q, limit)
			return err
		}
		if total = q.Counted; total == 0 {
			counting := slices.Clone(found.args)
			count := `SELECT count(*) FROM (SELECT 1 ` + found.from + found.along + ` LIMIT ` + counting.add(limit) + `) counted`
			if err := tx.QueryRowContext(ctx, count, counting...).Scan(&total); err != nil {
				return fmt.Errorf("count assets: %w", err)
			}
		}
		from, args, inner := found.from, found.args, order
		switch {
		case order == byAge:
			inner = cmp.Or(found.newest, byAge)
		case total < min(limit, sortedSearch): // so few that no index of the order is worth reading
			from = `FROM asset a WHERE a.seq IN (SELECT seq FROM (SELECT a.seq ` + from + ` LIMIT ` + args.add(sortedSearch) + `) AS few)`
		case found.newest != "":
			from = `FROM asset a WHERE a.seq IN (SELECT seq FROM (SELECT a.seq ` + from + ` ORDER BY ` + found.newest + ` LIMIT ` + args.add(sortedSearch) + `) AS newest)`
		}
		page, err = selectAssets(ctx, tx, args, `WHERE a.seq IN (SELECT seq FROM (SELECT a.seq `+from+` ORDER BY `+inner+
			` LIMIT `+args.add(q.Size)+` OFFSET `+args.add(q.Page*q.Size)+`) AS page) ORDER BY `+order)
		return err
	})
	return page, total, err
}

// readOnce returns the newest assets of a selection that is dear to read, and how many there are, as List does.
func readOnce(ctx context.Context, tx *sql.Tx, found selection, q asset.Query, limit int) (page []asset.Asset, total int, err error) {
	args, offset := found.args, q.Page*q.Size
	query := `WITH found AS MATERIALIZED (SELECT a.seq AS seq ` + found.from + found.along + ` LIMIT ` + args.add(max(limit, offset+q.Size)) + `)
		SELECT counted.n, coalesce(p.seq, 0) FROM (SELECT count(*) AS n FROM found) AS counted
		LEFT JOIN (SELECT seq FROM found ORDER BY seq DESC LIMIT ` + args.add(q.Size) + ` OFFSET ` + args.add(offset) + `) AS p ON 1 = 1`
	seqs, err := queryAll(ctx, tx, func(r *sql.Rows) (seq int64, err error) { return seq, r.Scan(&total, &seq) }, query, args...)
	if err != nil {
		return nil, 0, fmt.Errorf("find assets: %w", err)
	}
	page, err = selectNewest(ctx, tx, seqs)
	return page, min(total, limit), err
}

// listTexts returns the newest assets with a text, and how many there are, as List does.
func (s *Store) listTexts(ctx context.Context, tx *sql.Tx, q asset.Query, limit int) (page []asset.Asset, total int, err error) {
	begin, end := q.Page*q.Size, (q.Page+1)*q.Size
	found, err := s.dialect.texts(ctx, tx, q.ProjectID, q.Text, max(limit, end))
	if err != nil {
		return nil, 0, err
	}
	page, err = selectNewest(ctx, tx, found[min(begin, len(found)):min(end, len(found))])
	return page, min(len(found), limit), err
}

// selectNewest reads the assets of a page, the newest first.
func selectNewest(ctx context.Context, tx *sql.Tx, seqs []int64) ([]asset.Asset, error) {
	if len(seqs) == 0 {
		return nil, nil
	}
	var args params
	tail := `WHERE a.seq IN (` + addAll(&args, seqs) + `) ORDER BY ` + byAge
	return selectAssets(ctx, tx, args, tail)
}

const (
	byAge  = `a.seq DESC`
	byTime = `a.created_at DESC, a.seq DESC`
)

var orders = map[asset.Order]string{
	asset.OrderNewest:  byAge,
	asset.OrderOldest:  `a.created_at, a.seq`,
	asset.OrderTitle:   `a.title, a.seq`,
	asset.OrderLargest: `a.media_size DESC, a.seq DESC`,
}

// CountStates returns how many assets of each state match q, whose States it
// does not look at. It counts no further than q.CountTo: each state by itself
// when q selects nothing else, or else all of them together, and then reports
// that there are more.
func (s *Store) CountStates(ctx context.Context, q asset.Query) (counts map[asset.State]int, more bool, err error) {
	q.States = nil
	limit := cmp.Or(q.CountTo, asset.MaxTotal)
	counts = map[asset.State]int{}
	type counted struct {
		state asset.State
		n     int
	}
	var list []counted
	var alone bool
	err = s.listing(ctx, func(tx *sql.Tx) error {
		found, err := s.selected(ctx, tx, q)
		if err != nil {
			return err
		}
		from, args := found.from, found.args
		alone = len(args) == 1 // the project's
		query := `SELECT state, count(*) FROM (SELECT a.state ` + from + found.along + ` LIMIT ` + args.add(limit) + `) counted GROUP BY state`
		if alone {
			var each []string
			for _, state := range []asset.State{asset.Creating, asset.CreateFailed, asset.Created, asset.Published} {
				each = append(each, `SELECT * FROM (SELECT a.state `+from+` AND a.state = `+args.add(state)+` LIMIT $2) one`)
			}
			query = `SELECT state, count(*) FROM (` + strings.Join(each, ` UNION ALL `) + `) counted GROUP BY state`
		}
		list, err = queryAll(ctx, tx, func(r *sql.Rows) (c counted, err error) {
			err = r.Scan(&c.state, &c.n)
			return c, err
		}, query, args...)
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("count assets by state: %w", err)
	}
	total := 0
	for _, c := range list {
		counts[c.state] = c.n
		total += c.n
	}
	return counts, !alone && total >= limit, nil
}

// listing is snapshot for queries whose best plan depends on their values: how rare a state is, for instance.
func (s *Store) listing(ctx context.Context, fn func(*sql.Tx) error) error {
	return s.snapshot(ctx, func(tx *sql.Tx) error {
		if s.dialect.replan != "" {
			if _, err := tx.ExecContext(ctx, s.dialect.replan); err != nil {
				return err
			}
		}
		return fn(tx)
	})
}

// selection is the end of an SQL statement on the asset table named a.
type selection struct {
	from   string
	args   params
	newest string // the order in which an index of texts finds the newest first; "" when none is used
	along  string // the order in which rows that have to be read are counted fastest; "" where an index alone can count them
}

// narrowed reports whether a query filters by more than texts.
func narrowed(q asset.Query) bool {
	return len(q.IDs)+len(q.States)+len(q.VideoTypes)+len(q.Transcode)+len(q.Tags) > 0 || q.CategoryID != 0 || !q.From.IsZero() || !q.To.IsZero()
}

// reading is how the assets of a query are found.
type reading struct {
	indexed bool    // those of a search by an index
	few     bool    // what byTranscode returned
	texts   []int64 // the numbers of the assets with the text; nil when it is looked for in what the other filters leave
}

// selected finds out how a query is best made.
func (s *Store) selected(ctx context.Context, tx *sql.Tx, q asset.Query) (selection, error) {
	few, err := s.byTranscode(ctx, tx, q)
	if err != nil {
		return selection{}, err
	}
	how := reading{few: few}
	switch {
	case utf8.RuneCountInString(q.Search) >= indexedSearch:
		rest := q
		rest.Search = ""
		how.indexed, err = s.leavesMany(ctx, tx, rest, how)
	case q.Text != "" && q.Search == "" && s.dialect.texts != nil && (!few || q.AnyStatus):
		how.texts, err = s.withText(ctx, tx, q)
	}
	if err != nil {
		return selection{}, err
	}
	return s.filtered(q, how), nil
}

// leavesMany reports whether the filters of a query leave more assets than are read to be searched.
func (s *Store) leavesMany(ctx context.Context, tx *sql.Tx, q asset.Query, how reading) (bool, error) {
	if len(q.States)+len(q.VideoTypes)+len(q.IDs) == 0 && q.CategoryID == 0 && q.From.IsZero() && q.To.IsZero() {
		return true, nil
	}
	left := s.filtered(q, how)
	var n int
	query := `SELECT count(*) FROM (SELECT 1 ` + left.from + ` LIMIT ` + left.args.add(scannedSearch+1) + `) counted`
	if err := tx.QueryRowContext(ctx, query, left.args...).Scan(&n); err != nil {
		return false, fmt.Errorf("count assets: %w", err)
	}
	return n > scannedSearch, nil
}

// withText returns the numbers of the assets with the text of a query; nil where it is better looked for in what the other
// filters leave.
func (s *Store) withText(ctx context.Context, tx *sql.Tx, q asset.Query) ([]int64, error) {
	rest := q
	rest.Text, rest.Tags, rest.Transcode = "", nil, nil // these have to be looked for in each asset, too
	if q.AnyStatus {
		rest.States = nil
	}
	many, err := s.leavesMany(ctx, tx, rest, reading{})
	if err != nil || !many {
		return nil, err
	}
	seqs, err := s.dialect.texts(ctx, tx, q.ProjectID, q.Text, asset.MaxTotal)
	if err != nil || len(seqs) >= asset.MaxTotal { // these many are not all
		return nil, err
	}
	return append([]int64{}, seqs...), nil
}

// byTranscode reports whether the assets of a query are found best by the states of their transcoding: few have them, in any
// project.
func (s *Store) byTranscode(ctx context.Context, tx *sql.Tx, q asset.Query) (few bool, err error) {
	if len(q.Transcode) == 0 || slices.Contains(q.Transcode, "") {
		return false, nil
	}
	var args params
	query := `SELECT count(*) FROM (SELECT 1 FROM stage s WHERE ` + transcoded(&args, q.Transcode) + ` LIMIT ` + args.add(fewTranscodes+1) + `) counted`
	var n int
	if err := tx.QueryRowContext(ctx, query, args...).Scan(&n); err != nil {
		return false, fmt.Errorf("count transcodes: %w", err)
	}
	return n <= fewTranscodes, nil
}

// transcoded is the condition that a stage s is a transcoding in one of some states.
func transcoded(args *params, states []asset.StageState) string {
	return "s.name = 'transcode' AND s.state IN (" + addAll(args, states) + ")"
}

// filtered turns a query into SQL, which finds its text as how says or else reads what the filters leave.
func (s *Store) filtered(q asset.Query, how reading) (f selection) {
	f.from = "FROM asset a"
	args := &f.args
	conds := []string{"a.project_id = " + args.add(q.ProjectID)}
	add := func(cond ...string) { conds = append(conds, strings.Join(cond, "")) }
	switch {
	case how.indexed:
		var cond string
		f.from, cond, f.newest = s.dialect.search(args, q.Search)
		add(cond)
	case q.Search != "":
		if utf8.RuneCountInString(q.Search) < indexedSearch {
			f.from = "FROM (SELECT * FROM asset WHERE project_id = $1 ORDER BY seq DESC LIMIT " + args.add(scannedSearch) + ") a"
		}
		add(s.dialect.contains(args, searched, q.Search))
	case how.texts != nil:
		list, _ := json.Marshal(how.texts) // numbers have no errors
		f.from = "FROM json_each(" + args.add(string(list)) + ") AS found CROSS JOIN asset a"
		add("a.seq = found.value")
	}
	if len(q.IDs) > 0 {
		add("a.id IN (", addAll(args, q.IDs), ")")
	}
	var status []string
	if len(q.States) > 0 {
		status = append(status, "a.state IN ("+addAll(args, q.States)+")")
	}
	if len(q.VideoTypes) > 0 {
		add("a.video_type IN (", addAll(args, q.VideoTypes), ")")
	}
	switch {
	case len(q.Transcode) == 0:
	case how.few && (q.AnyStatus && len(q.States) > 0 || f.from != "FROM asset a"):
		status = append(status, "a.id IN (SELECT s.asset_id FROM stage s WHERE "+transcoded(args, q.Transcode)+")")
	case how.few:
		f.from = "FROM stage s CROSS JOIN asset a" // in this order on SQLite; other databases know better
		add("a.id = s.asset_id AND ", transcoded(args, q.Transcode))
	case slices.Contains(q.Transcode, ""):
		states := slices.DeleteFunc(slices.Clone(q.Transcode), func(state asset.StageState) bool { return state == "" })
		other := "s.name = 'transcode'"
		if len(states) > 0 {
			other += " AND s.state NOT IN (" + addAll(args, states) + ")"
		}
		status = append(status, "NOT EXISTS (SELECT 1 FROM stage s WHERE s.asset_id = a.id AND "+other+")")
	default:
		status = append(status, "EXISTS (SELECT 1 FROM stage s WHERE s.asset_id = a.id AND "+transcoded(args, q.Transcode)+")")
	}
	if q.AnyStatus && len(status) > 1 {
		status = []string{"(" + strings.Join(status, " OR ") + ")"}
	}
	conds = append(conds, status...)
	if q.CategoryID != 0 {
		add("a.category_id = ", args.add(q.CategoryID))
	}
	for _, tag := range q.Tags {
		// In either case of letters LIKE would find too much on some databases, and too little on others.
		add("replace(',' || a.tags || ',', ", args.add(","+tag+","), ", '') <> ',' || a.tags || ','")
	}
	if q.Text != "" && how.texts == nil {
		add("(", s.dialect.contains(args, "a.title", q.Text), " OR ", s.dialect.contains(args, "a.description", q.Text), ")")
	}
	if !q.From.IsZero() {
		add("a.created_at >= ", args.add(q.From.UnixMilli()))
	}
	if !q.To.IsZero() {
		add("a.created_at <= ", args.add(q.To.UnixMilli()))
	}
	if how.texts != nil || f.from == "FROM asset a" && (len(q.Transcode) > 0 || len(q.Tags) > 0 || q.Text != "") {
		f.along = " ORDER BY " + byAge // as they lie in the table
	}
	f.from += " WHERE " + strings.Join(conds, " AND ")
	return f
}

// part is the pattern of LIKE for what contains a text, with the backslash as its escape.
func part(text string) string { return "%" + escapeLike.Replace(text) + "%" }

var escapeLike = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
