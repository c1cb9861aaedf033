-- The assets that were deleted, with what is needed to find their files.
CREATE TABLE deletion (
    asset_id      TEXT    PRIMARY KEY,
    project_id    TEXT    NOT NULL,
    job_id        INTEGER NOT NULL DEFAULT 0, -- river_job.id of the removal
    process_job   INTEGER NOT NULL,           -- river_job.id of the work on the asset, which may still run
    deleted_at    INTEGER NOT NULL,
    removed       INTEGER NOT NULL DEFAULT 0, -- 1: no file is left
    attempt       INTEGER NOT NULL,
    video_type    TEXT    NOT NULL,
    source_key    TEXT    NOT NULL,
    storage_mode  INTEGER NOT NULL,
    output_bucket TEXT    NOT NULL,
    output_path   TEXT    NOT NULL,
    plan          TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX deletion_unfinished ON deletion (asset_id) WHERE removed = 0;

-- Keys stay used when their asset is deleted.
CREATE TABLE used_key (
    project_id  TEXT NOT NULL,
    key         TEXT NOT NULL,
    body_sha256 BLOB NOT NULL,
    asset_id    TEXT NOT NULL,
    PRIMARY KEY (project_id, key)
) STRICT, WITHOUT ROWID;
INSERT INTO used_key SELECT project_id, key, body_sha256, asset_id FROM idempotency;
DROP TABLE idempotency;
ALTER TABLE used_key RENAME TO idempotency;
