package store

import (
	"context"
	"database/sql"

	"github.com/vod-reproduction/vod/service/asset"
)

// putStage writes one stage as given, adding it if it is new.
func putStage(ctx context.Context, tx *writeTx, id string, st asset.Stage) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO stage (asset_id, name, state, started_at, ended_at, bytes, total, percent, error, result)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (asset_id, name) DO UPDATE SET state = excluded.state, started_at = excluded.started_at,
			ended_at = excluded.ended_at, bytes = excluded.bytes, total = excluded.total, percent = excluded.percent,
			error = excluded.error, result = excluded.result`,
		id, st.Name, st.State, msOf(st.StartedAt), msOf(st.EndedAt), st.Bytes, st.Total, st.Percent, st.Error, st.Result)
	if err == nil && st.State.Ended() {
		tx.ended = append(tx.ended, stageOf{id, st})
	}
	return err
}

// resetStages takes the stages in two states back to the time before they ran.
func resetStages(ctx context.Context, tx *writeTx, id string, one, other asset.StageState) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE stage SET state = $1, started_at = 0, ended_at = 0, bytes = 0, total = 0, percent = 0, error = '', result = NULL
		WHERE asset_id = $2 AND state IN ($3, $4)`, asset.StageWaiting, id, one, other)
	return err
}

// endStages closes the stages that are running.
func endStages(ctx context.Context, tx *writeTx, id string, state asset.StageState, reason string, now int64) error {
	ended, err := queryAll(ctx, tx, scanStage, `
		UPDATE stage SET state = $1, error = $2, ended_at = $3, percent = CASE WHEN $1 = 'done' THEN 100 ELSE percent END
		WHERE asset_id = $4 AND state = $5 RETURNING `+stageColumns,
		state, reason, now, id, asset.StageRunning)
	tx.ended = append(tx.ended, ended...)
	return err
}

// failStages closes all stages of an asset that fails: the one that failed it is
// the one that runs, or else the next one.
func failStages(ctx context.Context, tx *writeTx, id, reason string, now int64) error {
	if _, err := tx.ExecContext(ctx, `
		UPDATE stage SET state = $1 WHERE asset_id = $2 AND state = $3
			AND ordinal = (SELECT min(ordinal) FROM stage WHERE asset_id = $2 AND state = $3)
			AND NOT EXISTS (SELECT 1 FROM stage WHERE asset_id = $2 AND state = $1)`,
		asset.StageRunning, id, asset.StageWaiting); err != nil {
		return err
	}
	if err := endStages(ctx, tx, id, asset.StageFailed, reason, now); err != nil {
		return err
	}
	left, err := queryAll(ctx, tx, scanStage, `
		UPDATE stage SET state = $1, error = 'an earlier stage failed' WHERE asset_id = $2 AND state = $3 RETURNING `+stageColumns,
		asset.StageNotDone, id, asset.StageWaiting)
	tx.ended = append(tx.ended, left...)
	return err
}

const stageColumns = `asset_id, name, state, started_at, ended_at, bytes, total, percent, error, result`

func scanStage(r *sql.Rows) (st stageOf, err error) {
	var started, ended int64
	err = r.Scan(&st.assetID, &st.Name, &st.State, &started, &ended, &st.Bytes, &st.Total, &st.Percent, &st.Error, &st.Result)
	if st.Total > 0 {
		st.Percent = int(100 * float64(st.Bytes) / float64(st.Total))
	}
	st.StartedAt, st.EndedAt = timeOf(started), timeOf(ended)
	return st, err
}

// reportEnded reports the stages that ended with a transaction that is committed.
func (s *Store) reportEnded(tx *writeTx) {
	for _, st := range tx.ended {
		s.cfg.StageEnded(tx.request, st.assetID, st.Stage)
	}
}
