-- Times are unix milliseconds of UTC; 0 is "not yet".

CREATE TABLE category (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id TEXT    NOT NULL,
    parent_id  INTEGER NOT NULL, -- 0 is the root
    level      INTEGER NOT NULL CHECK (level BETWEEN 1 AND 3),
    name       TEXT    NOT NULL,
    UNIQUE (project_id, parent_id, name)
) STRICT;

CREATE TABLE asset (
    seq           INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of acceptance
    id            TEXT    NOT NULL UNIQUE,
    project_id    TEXT    NOT NULL,
    job_id        INTEGER NOT NULL DEFAULT 0,        -- river_job.id
    title         TEXT    NOT NULL,
    description   TEXT    NOT NULL,
    category_id   INTEGER NOT NULL,                  -- -1 is "Other"
    tags          TEXT    NOT NULL,
    video_type    TEXT    NOT NULL,
    source_bucket TEXT    NOT NULL,
    source_key    TEXT    NOT NULL,
    source_region TEXT    NOT NULL,
    storage_mode  INTEGER NOT NULL,
    output_bucket TEXT    NOT NULL,
    output_path   TEXT    NOT NULL,
    auto_publish  INTEGER NOT NULL,
    request       BLOB    NOT NULL,
    request_id    TEXT    NOT NULL,

    state      TEXT    NOT NULL,
    error_code TEXT    NOT NULL DEFAULT '',
    reason     TEXT    NOT NULL DEFAULT '',
    attempt    INTEGER NOT NULL DEFAULT 0, -- the fence
    cursor     BLOB,
    cleaned    INTEGER NOT NULL DEFAULT 0, -- 1: nothing of old attempts is left in the store

    media_bucket TEXT    NOT NULL DEFAULT '',
    media_key    TEXT    NOT NULL DEFAULT '',
    media_size   INTEGER NOT NULL DEFAULT 0,
    media_sha256 TEXT    NOT NULL DEFAULT '',
    media_etag   TEXT    NOT NULL DEFAULT '',
    media_type   TEXT    NOT NULL DEFAULT '',

    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    finished_at INTEGER NOT NULL DEFAULT 0,

    -- Media and a stored state belong together, whoever writes the row.
    CHECK (state IN ('OBS_CREATING', 'OBS_CREATE_FAILED', 'CREATED', 'PUBLISHED')),
    CHECK ((state IN ('CREATED', 'PUBLISHED')) = (media_key <> '')),
    CHECK ((state = 'OBS_CREATING') = (finished_at = 0))
) STRICT;

CREATE INDEX asset_by_project ON asset (project_id, seq);
CREATE INDEX asset_unfinished ON asset (id) WHERE state = 'OBS_CREATING';
CREATE INDEX asset_uncleaned ON asset (id) WHERE cleaned = 0 AND state <> 'OBS_CREATING';

CREATE TABLE stage (
    ordinal    INTEGER PRIMARY KEY AUTOINCREMENT,
    asset_id   TEXT    NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'not_done')),
    started_at INTEGER NOT NULL DEFAULT 0,
    ended_at   INTEGER NOT NULL DEFAULT 0,
    bytes      INTEGER NOT NULL DEFAULT 0,
    total      INTEGER NOT NULL DEFAULT 0,
    error      TEXT    NOT NULL DEFAULT '',
    UNIQUE (asset_id, name)
) STRICT;

CREATE TABLE idempotency (
    project_id  TEXT NOT NULL,
    key         TEXT NOT NULL,
    body_sha256 BLOB NOT NULL,
    asset_id    TEXT NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    PRIMARY KEY (project_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE bucket_authorization (
    project_id TEXT NOT NULL,
    bucket     TEXT NOT NULL,
    PRIMARY KEY (project_id, bucket)
) STRICT, WITHOUT ROWID;
