package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// textsSQLite returns the numbers of a project's assets that have a text in their titles or descriptions, newest first, until it has
// limit or more of them.
func textsSQLite(ctx context.Context, tx *sql.Tx, project, text string, limit int) ([]int64, error) {
	args := params{project}
	query := `SELECT a.seq FROM asset a WHERE a.project_id = $1 AND a.seq > (SELECT coalesce(max(last), 0) FROM asset_text)
		AND (` + containsSQLite(&args, "a.title", text) + ` OR ` + containsSQLite(&args, "a.description", text) + `) ORDER BY a.seq DESC`
	found, err := queryAll(ctx, tx, func(r *sql.Rows) (seq int64, err error) { return seq, r.Scan(&seq) }, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read texts: %w", err)
	}
	rows, err := tx.QueryContext(ctx, `SELECT numbers, texts FROM asset_text WHERE project_id = $1 ORDER BY last DESC`, project)
	if err != nil {
		return nil, fmt.Errorf("read texts: %w", err)
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	var part *finder
	for len(found) < limit && rows.Next() {
		var numbers, texts sql.RawBytes
		if err := rows.Scan(&numbers, &texts); err != nil {
			return nil, fmt.Errorf("read texts: %w", err)
		}
		if part == nil {
			part = newFinder(lowerASCII(text), texts)
		}
		known := len(found)
		if found, err = appendContaining(found, numbers, texts, part); err != nil {
			return nil, err
		}
		slices.Reverse(found[known:])
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read texts: %w", err)
	}
	return found, nil
}

// appendContaining appends the numbers of those assets in a row of asset_text whose title or description has a part.
func appendContaining(found []int64, numbers, texts []byte, part *finder) ([]int64, error) {
	var seq, title, end int // of one asset: its number, and where its title and its description end in texts
	for from := 0; ; {
		i := part.index(texts[from:])
		if i < 0 {
			return found, nil
		}
		from += i
		for from >= end {
			var lengths [2]int
			for _, n := range []*int{&seq, &lengths[0], &lengths[1]} {
				var ok bool
				if *n, numbers, ok = cutNumber(numbers); !ok {
					return nil, errors.New("read texts: asset_text has texts of no asset")
				}
			}
			title = end + lengths[0]
			end = title + lengths[1]
		}
		switch behind := from + len(part.part); {
		case behind <= title, from >= title && behind <= end:
			found = append(found, int64(seq))
			from = end
		default: // it begins in one text, and ends in another
			from++
		}
	}
}

// cutNumber returns the number that a list begins with, and what follows.
func cutNumber(list []byte) (n int, rest []byte, ok bool) {
	for i, c := range list {
		if c == ' ' {
			return n, list[i+1:], i > 0
		}
		n = n*10 + int(c-'0')
	}
	return n, nil, len(list) > 0
}

// lowerASCII changes what SQLite's lower and LIKE take for letters: A to Z.
func lowerASCII(text string) []byte {
	lower := []byte(text)
	for i, c := range lower {
		if 'A' <= c && c <= 'Z' {
			lower[i] += 'a' - 'A'
		}
	}
	return lower
}

// finder looks for a part in texts by the byte of it which is rarest in them: bytes.Index looks for the first byte, and takes
// five times as long where that one is frequent.
type finder struct {
	part []byte
	rare int // the place of the byte in part
}

// newFinder chooses the byte by some of the texts.
func newFinder(part, texts []byte) *finder {
	f, least := &finder{part: part}, len(texts)+1
	for i := range part {
		if n := bytes.Count(texts, part[i:i+1]); n < least {
			f.rare, least = i, n
		}
	}
	return f
}

// index returns where the part begins in texts, or -1.
func (f *finder) index(texts []byte) int {
	for from := f.rare; from < len(texts); from++ {
		i := bytes.IndexByte(texts[from:], f.part[f.rare])
		if i < 0 {
			return -1
		}
		from += i
		if bytes.HasPrefix(texts[from-f.rare:], f.part) {
			return from - f.rare
		}
	}
	return -1
}
