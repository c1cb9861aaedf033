package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/vod-reproduction/vod/service/asset"
)

// Begin starts the next attempt at an asset: it raises the fencing token and
// sets the stages back that are not done. ok is false when the asset has ended,
// or does not exist. With asset.ErrNewer nothing has changed.
func (s *Store) Begin(ctx context.Context, id string) (a asset.Attempt, ok bool, err error) {
	err = s.update(ctx, func(tx *writeTx) error {
		result, err := tx.ExecContext(ctx,
			`UPDATE asset SET attempt = attempt + 1, updated_at = $1 WHERE id = $2 AND state = $3`, s.now(), id, asset.Creating)
		if err != nil {
			return err
		}
		if ok, err = changed(result); err != nil || !ok {
			return err
		}
		if err := resetStages(ctx, tx, id, asset.StageRunning, asset.StageFailed); err != nil {
			return err
		}
		list, err := selectAssets(ctx, tx, params{id}, `WHERE a.id = $1`)
		if err != nil {
			return err
		}
		a.Asset, a.Number = list[0], list[0].Attempt
		var plan string
		if err := tx.QueryRowContext(ctx, `SELECT cursor, plan FROM asset WHERE id = $1`, id).Scan(&a.Cursor, &plan); err != nil {
			return err
		}
		return checkKnown(a.Asset.VideoType, plan)
	})
	if err != nil {
		return asset.Attempt{}, false, fmt.Errorf("begin an attempt: %w", err)
	}
	return a, ok, nil
}

// checkKnown returns asset.ErrNewer for a type of media, or a plan, that this version does not know, or not all of.
func checkKnown(videoType, plan string) error {
	strict := json.NewDecoder(strings.NewReader(plan))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&asset.Plan{}); err != nil {
		return fmt.Errorf("%w: %w", asset.ErrNewer, err)
	}
	if _, known := asset.FindMediaType(videoType); !known {
		return fmt.Errorf("%w: video type %s", asset.ErrNewer, videoType)
	}
	return nil
}

// checkToken lets a write of an attempt through and locks the asset for it, or returns
// asset.ErrStale: a later attempt began, or the asset ended.
func (s *Store) checkToken(ctx context.Context, tx *writeTx, a asset.Attempt) error {
	result, err := tx.ExecContext(ctx, `UPDATE asset SET updated_at = $1 WHERE id = $2 AND attempt = $3 AND state = $4`,
		s.now(), a.Asset.ID, a.Number, asset.Creating)
	if err != nil {
		return err
	}
	ok, err := changed(result)
	if err == nil && !ok {
		err = asset.ErrStale
	}
	return err
}

// writeAs runs fn in a transaction of an attempt; asset.ErrStale when it may not
// write any more.
func (s *Store) writeAs(ctx context.Context, a asset.Attempt, fn func(tx *writeTx) error) error {
	err := s.update(ctx, func(tx *writeTx) error {
		if err := s.checkToken(ctx, tx, a); err != nil {
			return err
		}
		tx.request = a.Asset.RequestID
		return fn(tx)
	})
	if s.dialect.refuses(err) {
		return asset.Temporary(asset.CodeInternal, "The service's database rejected the data to be recorded for this asset.", err)
	}
	return unavailable(err)
}

// unavailable makes an error of the database one that counts for nothing against an asset.
func unavailable(err error) error {
	if err == nil || errors.Is(err, asset.ErrStale) {
		return err
	}
	return asset.Unavailable(asset.OnDatabase, asset.CodeInternal, "The service could not use its database.", err)
}

// Progress writes one stage of the attempt's timeline as given, adding it if
// it is new. asset.ErrStale as for every write of an attempt.
func (s *Store) Progress(ctx context.Context, a asset.Attempt, st asset.Stage) error {
	err := s.writeAs(ctx, a, func(tx *writeTx) error { return putStage(ctx, tx, a.Asset.ID, st) })
	if err != nil {
		return fmt.Errorf("save the progress of %s: %w", st.Name, err)
	}
	return nil
}

// Complete ends a stage as done in one step with what it returned: result, kept
// as JSON for later attempts and readers (nil for none), and its files, which
// take the place of all that this stage left before. asset.ErrStale as for every
// write of an attempt.
func (s *Store) Complete(ctx context.Context, a asset.Attempt, st asset.Stage, result any, files []asset.File) (err error) {
	st.State, st.Percent = asset.StageDone, 100
	if st.Result, err = json.Marshal(result); err != nil {
		return fmt.Errorf("write the result of %s: %w", st.Name, err)
	}
	err = s.writeAs(ctx, a, func(tx *writeTx) error {
		if err := putStage(ctx, tx, a.Asset.ID, st); err != nil {
			return err
		}
		if err := replaceFiles(ctx, tx, a.Asset.ID, st.Name, files); err != nil {
			return err
		}
		if event, ok := asset.EventOf(st.Name); ok {
			return s.emit(ctx, tx, a.Asset, event, true)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("complete %s: %w", st.Name, err)
	}
	return nil
}

// SaveCursor keeps what a later attempt needs to go on from here instead of
// from the start; nil forgets it. It is durable when SaveCursor returns.
func (s *Store) SaveCursor(ctx context.Context, a asset.Attempt, cursor []byte) error {
	err := s.writeAs(ctx, a, func(tx *writeTx) error {
		_, err := tx.ExecContext(ctx, `UPDATE asset SET cursor = $1 WHERE id = $2`, cursor, a.Asset.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("save the cursor: %w", err)
	}
	return nil
}

// Restart forgets what the stages returned so far, and the cursor: the source is
// another one, or what was made of it is gone.
func (s *Store) Restart(ctx context.Context, a asset.Attempt) error {
	err := s.writeAs(ctx, a, func(tx *writeTx) error {
		for _, forget := range []string{
			`UPDATE asset SET cursor = NULL WHERE id = $1`,
			`DELETE FROM file WHERE asset_id = $1`,
			`DELETE FROM event WHERE asset_id = $1 AND delivered_at = 0`,
		} {
			if _, err := tx.ExecContext(ctx, forget, a.Asset.ID); err != nil {
				return err
			}
		}
		return resetStages(ctx, tx, a.Asset.ID, asset.StageDone, asset.StageFailed)
	})
	if err != nil {
		return fmt.Errorf("restart: %w", err)
	}
	return nil
}

// Finish stores the media of the asset in one step, together with all files of its
// stages: the state becomes Published or Created, stages still running become
// done, and what follows (events, preheating) is queued. After asset.ErrStale
// nothing of it is visible, and never will be.
func (s *Store) Finish(ctx context.Context, a asset.Attempt, o asset.Outcome) error {
	state, m, now := asset.Created, o.Media, s.now()
	if o.Publish {
		state = asset.Published
	}
	err := s.writeAs(ctx, a, func(tx *writeTx) error {
		if _, err := tx.ExecContext(ctx, `
			UPDATE asset SET state = $1, error_code = '', reason = '', cursor = NULL, blocked = $2, finished_at = $3,
				media_bucket = $4, media_key = $5, media_size = $6, media_sha256 = $7, media_etag = $8, media_type = $9, media_modified = $10
			WHERE id = $11`,
			state, flag(o.Blocked), now, m.Bucket, m.Key, m.Size, m.SHA256, m.ETag, m.ContentType, msOf(m.ModTime), a.Asset.ID); err != nil {
			return err
		}
		if err := endStages(ctx, tx, a.Asset.ID, asset.StageDone, "", now); err != nil {
			return err
		}
		if err := s.emit(ctx, tx, a.Asset, asset.EventCreated, true); err != nil {
			return err
		}
		if state != asset.Published {
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
func (s *Store) Fail(ctx context.Context, a asset.Attempt, code, reason string) error {
	now := s.now()
	err := s.writeAs(ctx, a, func(tx *writeTx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE asset SET state = $1, error_code = $2, reason = $3, finished_at = $4 WHERE id = $5`,
			asset.CreateFailed, code, reason, now, a.Asset.ID); err != nil {
			return err
		}
		if err := s.emitFailure(ctx, tx, a.Asset); err != nil {
			return err
		}
		return failStages(ctx, tx, a.Asset.ID, reason, now)
	})
	if err != nil {
		return fmt.Errorf("record the failure: %w", err)
	}
	return nil
}

// Reschedule notes why the attempt failed; the asset waits for the next one.
func (s *Store) Reschedule(ctx context.Context, a asset.Attempt, code, reason string) error {
	err := s.writeAs(ctx, a, func(tx *writeTx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE asset SET error_code = $1, reason = $2 WHERE id = $3`, code, reason, a.Asset.ID); err != nil {
			return err
		}
		return endStages(ctx, tx, a.Asset.ID, asset.StageFailed, reason, s.now())
	})
	if err != nil {
		return fmt.Errorf("record a failed attempt: %w", err)
	}
	return nil
}

// MarkCleaned notes that nothing of an ended asset's old attempts is left in
// the object store; Orphaned does not return it again. Before the end it does nothing.
func (s *Store) MarkCleaned(ctx context.Context, id string) error {
	if _, err := s.write.ExecContext(ctx,
		`UPDATE asset SET cleaned = 1 WHERE id = $1 AND state <> $2`, id, asset.Creating); err != nil {
		return fmt.Errorf("mark as cleaned: %w", err)
	}
	return nil
}
