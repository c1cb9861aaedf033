package asset

import (
	"context"
	"database/sql"
	"fmt"
)

// begin starts the next attempt of an asset: it raises the fence and sets the
// timeline back. ok is false when the asset has ended, or does not exist.
func (s *Store) begin(ctx context.Context, id string) (a Attempt, ok bool, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx,
			`UPDATE asset SET attempt = attempt + 1, updated_at = ? WHERE id = ? AND state = ?`, s.now(), id, Creating)
		if err != nil {
			return err
		}
		if ok, err = changed(result); err != nil || !ok {
			return err
		}
		if _, err := tx.ExecContext(ctx, `
			UPDATE stage SET state = ?, started_at = 0, ended_at = 0, bytes = 0, total = 0, error = ''
			WHERE asset_id = ? AND state <> ?`, StageWaiting, id, StageNotDone); err != nil {
			return err
		}
		list, err := selectAssets(ctx, tx, `WHERE a.id = ?`, id)
		if err != nil {
			return err
		}
		a.Asset, a.Number = list[0], list[0].Attempt
		return tx.QueryRowContext(ctx, `SELECT cursor FROM asset WHERE id = ?`, id).Scan(&a.Cursor)
	})
	if err != nil {
		return Attempt{}, false, fmt.Errorf("begin an attempt: %w", err)
	}
	return a, ok, nil
}

// Progress writes one stage of the attempt's timeline as given, adding it if
// it is new. ErrStale as for every write of an attempt.
func (s *Store) Progress(ctx context.Context, a Attempt, st Stage) error {
	result, err := s.write.ExecContext(ctx, `
		INSERT INTO stage (asset_id, name, state, started_at, ended_at, bytes, total, error)
		SELECT id, ?, ?, ?, ?, ?, ?, ? FROM asset WHERE id = ? AND attempt = ? AND state = ?
		ON CONFLICT (asset_id, name) DO UPDATE SET state = excluded.state, started_at = excluded.started_at,
			ended_at = excluded.ended_at, bytes = excluded.bytes, total = excluded.total, error = excluded.error`,
		st.Name, st.State, msOf(st.StartedAt), msOf(st.EndedAt), st.Bytes, st.Total, st.Error,
		a.Asset.ID, a.Number, Creating)
	if err != nil {
		return fmt.Errorf("save the progress of %s: %w", st.Name, err)
	}
	return fenced(result)
}

// SaveCursor keeps what a later attempt needs to go on from here instead of
// from the start; nil forgets it. It is durable when SaveCursor returns.
func (s *Store) SaveCursor(ctx context.Context, a Attempt, cursor []byte) error {
	result, err := s.write.ExecContext(ctx,
		`UPDATE asset SET cursor = ?, updated_at = ? WHERE id = ? AND attempt = ? AND state = ?`,
		cursor, s.now(), a.Asset.ID, a.Number, Creating)
	if err != nil {
		return fmt.Errorf("save the cursor: %w", err)
	}
	return fenced(result)
}

// Finish makes m the media of the asset and shows it, in one step: the state
// becomes Published or Created as AutoPublish says, stages still running become
// done. m needs at least a Key. After ErrStale nothing of m is visible, and never will be.
func (s *Store) Finish(ctx context.Context, a Attempt, m Media) error {
	state := Created
	if a.Asset.AutoPublish {
		state = Published
	}
	now := s.now()
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `
			UPDATE asset SET state = ?, error_code = '', reason = '', cursor = NULL, updated_at = ?, finished_at = ?,
				media_bucket = ?, media_key = ?, media_size = ?, media_sha256 = ?, media_etag = ?, media_type = ?, media_modified = ?
			WHERE id = ? AND attempt = ? AND state = ?`,
			state, now, now, m.Bucket, m.Key, m.Size, m.SHA256, m.ETag, m.ContentType, msOf(m.ModTime),
			a.Asset.ID, a.Number, Creating)
		if err != nil {
			return err
		}
		if err := fenced(result); err != nil {
			return err
		}
		return endStages(ctx, tx, a, StageDone, "", now)
	})
	if err != nil {
		return fmt.Errorf("finish: %w", err)
	}
	return nil
}

// Fail ends the asset as CreateFailed for the given reason, in plain words;
// stages still running become failed.
func (s *Store) Fail(ctx context.Context, a Attempt, code, reason string) error {
	return s.failure(ctx, a, CreateFailed, code, reason)
}

// setBack notes why the attempt failed; the asset waits for the next one.
func (s *Store) setBack(ctx context.Context, a Attempt, code, reason string) error {
	return s.failure(ctx, a, Creating, code, reason)
}

func (s *Store) failure(ctx context.Context, a Attempt, state State, code, reason string) error {
	now := s.now()
	finished := int64(0)
	if state.Terminal() {
		finished = now
	}
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `
			UPDATE asset SET state = ?, error_code = ?, reason = ?, updated_at = ?, finished_at = ?
			WHERE id = ? AND attempt = ? AND state = ?`,
			state, code, reason, now, finished, a.Asset.ID, a.Number, Creating)
		if err != nil {
			return err
		}
		if err := fenced(result); err != nil {
			return err
		}
		return endStages(ctx, tx, a, StageFailed, reason, now)
	})
	if err != nil {
		return fmt.Errorf("record a failure: %w", err)
	}
	return nil
}

// MarkCleaned notes that nothing of an ended asset's old attempts is left in
// the object store; Uncleaned does not give it again. Before the end it does nothing.
func (s *Store) MarkCleaned(ctx context.Context, id string) error {
	if _, err := s.write.ExecContext(ctx,
		`UPDATE asset SET cleaned = 1 WHERE id = ? AND state <> ?`, id, Creating); err != nil {
		return fmt.Errorf("mark as cleaned: %w", err)
	}
	return nil
}

// endStages closes the stages that are running.
func endStages(ctx context.Context, tx *sql.Tx, a Attempt, state StageState, reason string, now int64) error {
	_, err := tx.ExecContext(ctx,
		`UPDATE stage SET state = ?, error = ?, ended_at = ? WHERE asset_id = ? AND state = ?`,
		state, reason, now, a.Asset.ID, StageRunning)
	return err
}

// fenced gives ErrStale when the fence let no row through.
func fenced(result sql.Result) error {
	ok, err := changed(result)
	if err == nil && !ok {
		err = ErrStale
	}
	return err
}

func changed(result sql.Result) (bool, error) {
	n, err := result.RowsAffected()
	return n > 0, err
}
