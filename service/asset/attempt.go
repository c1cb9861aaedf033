package asset

import (
	"context"
	"database/sql"
	"fmt"
)

// begin starts the next attempt of an asset: it raises the fence and sets the
// stages back that are not done. ok is false when the asset has ended, or does not exist.
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
		if _, err := tx.ExecContext(ctx, resetStages, StageWaiting, id, StageRunning, StageFailed); err != nil {
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
		INSERT INTO stage (asset_id, name, state, started_at, ended_at, bytes, total, percent, error)
		SELECT id, ?, ?, ?, ?, ?, ?, ?, ? FROM asset WHERE id = ? AND attempt = ? AND state = ?
		ON CONFLICT (asset_id, name) DO UPDATE SET state = excluded.state, started_at = excluded.started_at,
			ended_at = excluded.ended_at, bytes = excluded.bytes, total = excluded.total, percent = excluded.percent, error = excluded.error`,
		st.Name, st.State, msOf(st.StartedAt), msOf(st.EndedAt), st.Bytes, st.Total, st.Percent, st.Error,
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

// Outcome is what an attempt ends an asset with.
type Outcome struct {
	Media Media // needs at least a Key
	// Publish shows the media now; else the asset waits for a call of Publish.
	Publish bool
	// Blocked forbids every later Publish; Publish is false then.
	Blocked bool
}

// Finish gives the asset its media in one step, together with all files of its
// stages: the state becomes Published or Created, stages still running become
// done, and what follows (events, preheating) is queued. After ErrStale nothing
// of it is visible, and never will be.
func (s *Store) Finish(ctx context.Context, a Attempt, o Outcome) error {
	state, m := Created, o.Media
	if o.Publish {
		state = Published
	}
	now := s.now()
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `
			UPDATE asset SET state = ?, error_code = '', reason = '', cursor = NULL, blocked = ?, updated_at = ?, finished_at = ?,
				media_bucket = ?, media_key = ?, media_size = ?, media_sha256 = ?, media_etag = ?, media_type = ?, media_modified = ?
			WHERE id = ? AND attempt = ? AND state = ?`,
			state, o.Blocked, now, now, m.Bucket, m.Key, m.Size, m.SHA256, m.ETag, m.ContentType, msOf(m.ModTime),
			a.Asset.ID, a.Number, Creating)
		if err != nil {
			return err
		}
		if err := fenced(result); err != nil {
			return err
		}
		if err := endStages(ctx, tx, a, StageDone, "", now); err != nil {
			return err
		}
		if err := s.emit(ctx, tx, a.Asset, EventCreated, true); err != nil {
			return err
		}
		if state != Published {
			return nil
		}
		return s.preheatOnce(ctx, tx, a.Asset)
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
		if !state.Terminal() {
			return endStages(ctx, tx, a, StageFailed, reason, now)
		}
		if err := s.emitFailure(ctx, tx, a.Asset); err != nil {
			return err
		}
		return failStages(ctx, tx, a, reason, now)
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
		`UPDATE stage SET state = ?, error = ?, ended_at = ?, percent = iif(?1 = 'done', 100, percent) WHERE asset_id = ? AND state = ?`,
		state, reason, now, a.Asset.ID, StageRunning)
	return err
}

// failStages closes all stages of an asset that fails: the one that failed it is
// the one that runs, or else the next one.
func failStages(ctx context.Context, tx *sql.Tx, a Attempt, reason string, now int64) error {
	if _, err := tx.ExecContext(ctx, `
		UPDATE stage SET state = ? WHERE asset_id = ?2 AND state = ?
			AND ordinal = (SELECT min(ordinal) FROM stage WHERE asset_id = ?2 AND state = ?3)
			AND NOT EXISTS (SELECT 1 FROM stage WHERE asset_id = ?2 AND state = ?1)`,
		StageRunning, a.Asset.ID, StageWaiting); err != nil {
		return err
	}
	if err := endStages(ctx, tx, a, StageFailed, reason, now); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE stage SET state = ?, error = 'an earlier stage failed' WHERE asset_id = ? AND state = ?`,
		StageNotDone, a.Asset.ID, StageWaiting)
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
