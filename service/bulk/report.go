package bulk

import (
	"context"
	"fmt"
	"iter"

	"github.com/vod-reproduction/vod/contract"
)

// Items yields the items of the given states, state by state. It reads no further than it is asked.
func (j *Journal) Items(ctx context.Context, states ...State) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for _, state := range states {
			for after := int64(0); ; {
				some, err := j.items(ctx, state, after, 256)
				if err != nil {
					yield(Item{}, err)
					return
				}
				if len(some) == 0 {
					break
				}
				for _, item := range some {
					if after = item.ID; !yield(item, nil) {
						return
					}
				}
			}
		}
	}
}

// Violations returns what is wrong with a Refused item.
func (j *Journal) Violations(ctx context.Context, item Item) (contract.Violations, error) {
	rows, err := j.read.QueryContext(ctx, "SELECT field, rule, message FROM fault WHERE item = ? ORDER BY number", item.ID)
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all contract.Violations
	for rows.Next() {
		var v contract.Violation
		if err := rows.Scan(&v.Field, &v.Rule, &v.Message); err != nil {
			return nil, fmt.Errorf("read the journal: %w", err)
		}
		all = append(all, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	return all, nil
}

// Group is one cause and the number of items that met it.
type Group struct {
	// State is Refused, Failed or Ambiguous.
	State State
	// Field and Rule are those of a violation; Code is the cause of the other states.
	Field, Rule, Code string
	// Message is one of those that the items have.
	Message string
	Items   int64
	// Examples are the first items, ExamplesPerGroup at most.
	Examples []Item
}

// ExamplesPerGroup is how many items stand for a group.
const ExamplesPerGroup = 5

// Groups returns why items are Refused, Failed or Ambiguous, the most frequent cause of each first. A refused item counts
// once for each of its violations.
func (j *Journal) Groups(ctx context.Context) ([]Group, error) {
	rows, err := j.read.QueryContext(ctx, `
		SELECT ?1, field, rule, '', min(message), count(*) AS items FROM fault GROUP BY field, rule
		UNION ALL
		SELECT state, '', '', code, min(message), count(*) FROM status WHERE state IN (?2, ?3) GROUP BY state, code
		ORDER BY 1, items DESC, field, rule`, Refused, Failed, Ambiguous)
	if err != nil {
		return nil, fmt.Errorf("group the journal: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var groups []Group
	for rows.Next() {
		var g Group
		if err := rows.Scan(&g.State, &g.Field, &g.Rule, &g.Code, &g.Message, &g.Items); err != nil {
			return nil, fmt.Errorf("group the journal: %w", err)
		}
		groups = append(groups, g)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("group the journal: %w", err)
	}
	for i := range groups {
		if err := j.examples(ctx, &groups[i]); err != nil {
			return nil, err
		}
	}
	return groups, nil
}

// examples finds the first items of a group.
func (j *Journal) examples(ctx context.Context, g *Group) error {
	query, args := `SELECT line, body FROM status JOIN item USING (id) WHERE state = ? AND code = ? ORDER BY id LIMIT ?`,
		[]any{g.State, g.Code, ExamplesPerGroup}
	if g.State == Refused {
		query = "SELECT line, body FROM fault JOIN item ON item.id = fault.item WHERE field = ? AND rule = ? ORDER BY fault.item LIMIT ?"
		args = []any{g.Field, g.Rule, ExamplesPerGroup}
	}
	rows, err := j.read.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("group the journal: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		one := Item{State: g.State}
		if err := rows.Scan(&one.Line, &one.Body); err != nil {
			return fmt.Errorf("group the journal: %w", err)
		}
		g.Examples = append(g.Examples, one)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("group the journal: %w", err)
	}
	return nil
}

// Buckets names the buckets of what is still to be sent, those for its results among them, in order.
func (j *Journal) Buckets(ctx context.Context) ([]string, error) {
	rows, err := j.read.QueryContext(ctx, `
		WITH request AS (SELECT CAST(body AS TEXT) AS text FROM status JOIN item USING (id) WHERE state IN (?, ?))
		SELECT json_extract(text, '$.input.bucket') FROM request
		UNION SELECT json_extract(text, '$.output_bucket') FROM request WHERE json_extract(text, '$.output_bucket') <> ''
		ORDER BY 1`, Pending, Ambiguous)
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var buckets []string
	for rows.Next() {
		var bucket string
		if err := rows.Scan(&bucket); err != nil {
			return nil, fmt.Errorf("read the journal: %w", err)
		}
		buckets = append(buckets, bucket)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	return buckets, nil
}
