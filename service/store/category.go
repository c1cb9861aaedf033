package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/vod-reproduction/vod/service/asset"
)

// CreateCategory adds a category under parent, 0 being the root. It returns
// asset.ErrCategoryName, asset.ErrNoCategory for an unknown parent, asset.ErrCategoryLevel, or
// asset.ErrCategoryExists.
func (s *Store) CreateCategory(ctx context.Context, project, name string, parent int64) (asset.Category, error) {
	if name == "" || len(name) > asset.MaxCategoryName || !utf8.ValidString(name) {
		return asset.Category{}, asset.ErrCategoryName
	}
	c := asset.Category{ParentID: parent, Level: 1, Name: name}
	err := s.update(ctx, func(tx *writeTx) error {
		if parent != 0 {
			p, err := getCategory(ctx, tx, project, parent, s.dialect.forShare)
			if err != nil {
				return err
			}
			if c.Level = p.Level + 1; c.Level > asset.MaxCategoryLevel {
				return asset.ErrCategoryLevel
			}
		}
		err := tx.QueryRowContext(ctx, `
			INSERT INTO category (project_id, parent_id, level, name) VALUES ($1, $2, $3, $4)
			ON CONFLICT (project_id, parent_id, name) DO NOTHING RETURNING id`,
			project, parent, c.Level, name).Scan(&c.ID)
		if errors.Is(err, sql.ErrNoRows) {
			return asset.ErrCategoryExists
		}
		return err
	})
	if err != nil {
		return asset.Category{}, fmt.Errorf("create a category: %w", err)
	}
	return c, nil
}

// Categories returns all categories of a project, sorted by level and name.
func (s *Store) Categories(ctx context.Context, project string) ([]asset.Category, error) {
	list, err := queryAll(ctx, s.read, func(r *sql.Rows) (c asset.Category, err error) {
		err = r.Scan(&c.ID, &c.ParentID, &c.Level, &c.Name)
		return c, err
	}, `SELECT id, parent_id, level, name FROM category WHERE project_id = $1 ORDER BY level, name, id`, project)
	if err != nil {
		return nil, fmt.Errorf("read the categories: %w", err)
	}
	return list, nil
}

// RenameCategory gives a category another name and returns it. It fails as
// CreateCategory does.
func (s *Store) RenameCategory(ctx context.Context, project string, id int64, name string) (c asset.Category, err error) {
	if name == "" || len(name) > asset.MaxCategoryName || !utf8.ValidString(name) {
		return asset.Category{}, asset.ErrCategoryName
	}
	err = s.update(ctx, func(tx *writeTx) error {
		if c, err = getCategory(ctx, tx, project, id, s.dialect.forUpdate); err != nil {
			return err
		}
		c.Name = name
		result, err := tx.ExecContext(ctx, `UPDATE category SET name = $1 WHERE id = $2
			AND NOT EXISTS (SELECT 1 FROM category WHERE project_id = $3 AND parent_id = $4 AND name = $1 AND id <> $2)`,
			name, id, project, c.ParentID)
		if s.dialect.duplicate(err) { // another transaction took the name since
			return asset.ErrCategoryExists
		}
		if err != nil {
			return err
		}
		if ok, err := changed(result); err != nil || !ok {
			return errors.Join(err, asset.ErrCategoryExists)
		}
		return nil
	})
	if err != nil {
		return asset.Category{}, fmt.Errorf("rename a category: %w", err)
	}
	return c, nil
}

// DeleteCategory deletes a category with those below it; the assets in them are
// of asset.OtherCategory from then on. asset.ErrNoCategory.
func (s *Store) DeleteCategory(ctx context.Context, project string, id int64) error {
	err := s.update(ctx, func(tx *writeTx) error {
		if _, err := getCategory(ctx, tx, project, id, s.dialect.forUpdate); err != nil {
			return err
		}
		const branch = `WITH RECURSIVE branch (id) AS (
			SELECT CAST($1 AS BIGINT) UNION SELECT category.id FROM category JOIN branch ON category.parent_id = branch.id) `
		// Until all of them are locked others add categories below, and assets to those.
		for locked, found := -1, 0; locked != found; {
			ids, err := queryAll(ctx, tx, func(r *sql.Rows) (id int64, err error) {
				err = r.Scan(&id)
				return id, err
			}, branch+`SELECT id FROM category WHERE id IN (SELECT id FROM branch) ORDER BY id`+s.dialect.forUpdate, id)
			if err != nil {
				return err
			}
			locked, found = found, len(ids)
		}
		if _, err := tx.ExecContext(ctx, branch+`UPDATE asset SET category_id = $2 WHERE project_id = $3 AND category_id IN (SELECT id FROM branch)`,
			id, asset.OtherCategory, project); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, branch+`DELETE FROM category WHERE project_id = $2 AND id IN (SELECT id FROM branch)`, id, project)
		return err
	})
	if err != nil {
		return fmt.Errorf("delete a category: %w", err)
	}
	return nil
}

// getCategory reads one category of a project, and locks it as lock says, or returns asset.ErrNoCategory, as for
// asset.OtherCategory.
func getCategory(ctx context.Context, q querier, project string, id int64, lock string) (asset.Category, error) {
	c := asset.Category{ID: id}
	err := q.QueryRowContext(ctx, `SELECT parent_id, level, name FROM category WHERE project_id = $1 AND id = $2`+lock,
		project, id).Scan(&c.ParentID, &c.Level, &c.Name)
	if errors.Is(err, sql.ErrNoRows) {
		return asset.Category{}, asset.ErrNoCategory
	}
	if err != nil {
		return asset.Category{}, fmt.Errorf("read category %d: %w", id, err)
	}
	return c, nil
}
