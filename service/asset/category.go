package asset

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"unicode/utf8"
)

// OtherCategory is the category of an asset for which none was chosen. Every
// project has it; it cannot be a parent.
const OtherCategory int64 = -1

const otherName = "Other"

// The limits of the cloud's category call.
const (
	MaxCategoryName  = 64 // bytes
	MaxCategoryLevel = 3
)

// Category is a place in a project's tree of categories.
type Category struct {
	ID       int64
	ParentID int64 // 0 is the root
	Level    int   // 1 to MaxCategoryLevel
	Name     string
}

// CreateCategory adds a category under parent, 0 being the root. It gives
// ErrCategoryName, ErrNoCategory for an unknown parent, ErrCategoryLevel, or
// ErrCategoryExists.
func (s *Store) CreateCategory(ctx context.Context, project, name string, parent int64) (Category, error) {
	if name == "" || len(name) > MaxCategoryName || !utf8.ValidString(name) {
		return Category{}, ErrCategoryName
	}
	c := Category{ParentID: parent, Level: 1, Name: name}
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		if parent != 0 {
			p, err := getCategory(ctx, tx, project, parent)
			if err != nil {
				return err
			}
			if c.Level = p.Level + 1; c.Level > MaxCategoryLevel {
				return ErrCategoryLevel
			}
		}
		err := tx.QueryRowContext(ctx, `
			INSERT INTO category (project_id, parent_id, level, name) VALUES (?, ?, ?, ?)
			ON CONFLICT (project_id, parent_id, name) DO NOTHING RETURNING id`,
			project, parent, c.Level, name).Scan(&c.ID)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrCategoryExists
		}
		return err
	})
	if err != nil {
		return Category{}, fmt.Errorf("create a category: %w", err)
	}
	return c, nil
}

// getCategory reads one category of a project, or gives ErrNoCategory, as for OtherCategory.
func getCategory(ctx context.Context, q querier, project string, id int64) (Category, error) {
	c := Category{ID: id}
	err := q.QueryRowContext(ctx, `SELECT parent_id, level, name FROM category WHERE project_id = ? AND id = ?`,
		project, id).Scan(&c.ParentID, &c.Level, &c.Name)
	if errors.Is(err, sql.ErrNoRows) {
		return Category{}, ErrNoCategory
	}
	if err != nil {
		return Category{}, fmt.Errorf("read category %d: %w", id, err)
	}
	return c, nil
}
