package asset

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// Complete ends a stage as done in one step with what it gave: result, kept as
// JSON for later attempts and readers (nil for none), and its files, which
// take the place of all that this stage left before. ErrStale as for every
// write of an attempt.
func (s *Store) Complete(ctx context.Context, a Attempt, st Stage, result any, files []File) error {
	text, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("write the result of %s: %w", st.Name, err)
	}
	st.State, st.Percent = StageDone, 100
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		written, err := tx.ExecContext(ctx, `
			INSERT INTO stage (asset_id, name, state, started_at, ended_at, bytes, total, percent, error, result)
			SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM asset WHERE id = ? AND attempt = ? AND state = ?
			ON CONFLICT (asset_id, name) DO UPDATE SET state = excluded.state, started_at = excluded.started_at,
				ended_at = excluded.ended_at, bytes = excluded.bytes, total = excluded.total, percent = excluded.percent,
				error = excluded.error, result = excluded.result`,
			st.Name, st.State, msOf(st.StartedAt), msOf(st.EndedAt), st.Bytes, st.Total, st.Percent, st.Error, text,
			a.Asset.ID, a.Number, Creating)
		if err != nil {
			return err
		}
		if err := fenced(written); err != nil {
			return err
		}
		if err := replaceFiles(ctx, tx, a.Asset.ID, st.Name, files); err != nil {
			return err
		}
		if event, ok := eventOf[st.Name]; ok {
			return s.emit(ctx, tx, a.Asset, event, true)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("complete %s: %w", st.Name, err)
	}
	return nil
}

// Restart forgets what the stages gave so far, and the cursor: the source is
// another one, or what was made of it is gone.
func (s *Store) Restart(ctx context.Context, a Attempt) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		written, err := tx.ExecContext(ctx,
			`UPDATE asset SET cursor = NULL, updated_at = ? WHERE id = ? AND attempt = ? AND state = ?`,
			s.now(), a.Asset.ID, a.Number, Creating)
		if err != nil {
			return err
		}
		if err := fenced(written); err != nil {
			return err
		}
		for _, forget := range []string{`DELETE FROM file WHERE asset_id = ?`, `DELETE FROM event WHERE asset_id = ? AND delivered_at = 0`} {
			if _, err := tx.ExecContext(ctx, forget, a.Asset.ID); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, resetStages, StageWaiting, a.Asset.ID, StageDone, StageFailed)
		return err
	})
	if err != nil {
		return fmt.Errorf("restart: %w", err)
	}
	return nil
}

// resetStages takes stages in two states back to the time before they ran.
const resetStages = `
	UPDATE stage SET state = ?, started_at = 0, ended_at = 0, bytes = 0, total = 0, percent = 0, error = '', result = NULL
	WHERE asset_id = ? AND state IN (?, ?)`

// Cipher keeps the sealed key of the asset's encrypted outputs and gives the
// one that counts: an asset that has a key keeps it.
func (s *Store) Cipher(ctx context.Context, a Attempt, sealed []byte) (kept []byte, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		written, err := tx.ExecContext(ctx,
			`UPDATE asset SET cipher = coalesce(cipher, ?) WHERE id = ? AND attempt = ? AND state = ?`,
			sealed, a.Asset.ID, a.Number, Creating)
		if err != nil {
			return err
		}
		if err := fenced(written); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT cipher FROM asset WHERE id = ?`, a.Asset.ID).Scan(&kept)
	})
	if err != nil {
		return nil, fmt.Errorf("keep the key: %w", err)
	}
	return kept, nil
}

// HasSealedKeys reports whether any asset of any project has a sealed key.
func (s *Store) HasSealedKeys(ctx context.Context) (has bool, err error) {
	if err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM asset WHERE cipher IS NOT NULL)`).Scan(&has); err != nil {
		return false, fmt.Errorf("look for sealed keys: %w", err)
	}
	return has, nil
}

// SealedKey gives what Cipher kept for an asset of a project; nil when the
// asset has no encrypted outputs. ErrNotFound as for Get.
func (s *Store) SealedKey(ctx context.Context, project, id string) (sealed []byte, err error) {
	found, err := queryAll(ctx, s.read, func(r *sql.Rows) (key []byte, err error) {
		err = r.Scan(&key)
		return key, err
	}, `SELECT cipher FROM asset WHERE project_id = ? AND id = ?`, project, id)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the key: %w", err)
	case len(found) == 0:
		return nil, ErrNotFound
	}
	return found[0], nil
}
