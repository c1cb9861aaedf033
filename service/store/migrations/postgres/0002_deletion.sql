-- The assets that were deleted, with what is needed to find their files.
CREATE TABLE deletion (
    asset_id      TEXT COLLATE "C" PRIMARY KEY,
    project_id    TEXT   NOT NULL,
    job_id        BIGINT NOT NULL DEFAULT 0, -- river_job.id of the removal
    process_job   BIGINT NOT NULL,           -- river_job.id of the work on the asset, which may still run
    deleted_at    BIGINT NOT NULL,
    removed       BIGINT NOT NULL DEFAULT 0, -- 1: no file is left
    attempt       BIGINT NOT NULL,
    video_type    TEXT   NOT NULL,
    source_key    TEXT   NOT NULL,
    storage_mode  BIGINT NOT NULL,
    output_bucket TEXT   NOT NULL,
    output_path   TEXT   NOT NULL,
    plan          TEXT   NOT NULL
);

CREATE INDEX deletion_unfinished ON deletion (asset_id) WHERE removed = 0;

-- Keys stay used when their asset is deleted.
ALTER TABLE idempotency DROP CONSTRAINT idempotency_asset_id_fkey;
