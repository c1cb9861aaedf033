-- Times are unix milliseconds of UTC; 0 is "not yet". What is sorted by text is sorted by its bytes.

CREATE TABLE category (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id TEXT   NOT NULL,
    parent_id  BIGINT NOT NULL, -- 0 is the root
    level      BIGINT NOT NULL CHECK (level BETWEEN 1 AND 3),
    name       TEXT   NOT NULL,
    UNIQUE (project_id, parent_id, name)
);

CREATE TABLE asset (
    seq           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the order of acceptance
    id            TEXT COLLATE "C" NOT NULL UNIQUE,
    project_id    TEXT   NOT NULL,
    job_id        BIGINT NOT NULL DEFAULT 0, -- river_job.id
    title         TEXT   NOT NULL,
    description   TEXT   NOT NULL,
    category_id   BIGINT NOT NULL, -- -1 is "Other"
    tags          TEXT   NOT NULL,
    video_type    TEXT   NOT NULL,
    source_bucket TEXT   NOT NULL,
    source_key    TEXT   NOT NULL,
    source_region TEXT   NOT NULL,
    storage_mode  BIGINT NOT NULL,
    output_bucket TEXT   NOT NULL,
    output_path   TEXT   NOT NULL,
    auto_publish  BIGINT NOT NULL,
    plan          TEXT   NOT NULL DEFAULT '{}', -- the processing that was asked for, as JSON, with the templates of the day it was accepted
    request       BYTEA  NOT NULL,
    request_id    TEXT   NOT NULL,

    state      TEXT   NOT NULL,
    error_code TEXT   NOT NULL DEFAULT '',
    reason     TEXT   NOT NULL DEFAULT '',
    attempt    BIGINT NOT NULL DEFAULT 0, -- the fencing token
    cursor     BYTEA,
    cleaned    BIGINT NOT NULL DEFAULT 0, -- 1: nothing of old attempts is left in the store
    cipher     BYTEA,                     -- the key of encrypted outputs, sealed; NULL when there is none
    blocked    BIGINT NOT NULL DEFAULT 0, -- 1: review forbids publishing

    media_bucket   TEXT   NOT NULL DEFAULT '',
    media_key      TEXT   NOT NULL DEFAULT '',
    media_size     BIGINT NOT NULL DEFAULT 0,
    media_sha256   TEXT   NOT NULL DEFAULT '',
    media_etag     TEXT   NOT NULL DEFAULT '',
    media_type     TEXT   NOT NULL DEFAULT '',
    media_modified BIGINT NOT NULL DEFAULT 0, -- when the store took it; distinguishes versions without an ETag

    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL DEFAULT 0,

    -- Media and a stored state belong together, whoever writes the row.
    CHECK (state IN ('OBS_CREATING', 'OBS_CREATE_FAILED', 'CREATED', 'PUBLISHED')),
    CHECK ((state IN ('CREATED', 'PUBLISHED')) = (media_key <> '')),
    CHECK ((state = 'OBS_CREATING') = (finished_at = 0))
);

CREATE INDEX asset_by_project ON asset (project_id, seq);
CREATE INDEX asset_unfinished ON asset (id) WHERE state = 'OBS_CREATING';
CREATE INDEX asset_uncleaned ON asset (id) WHERE cleaned = 0 AND state <> 'OBS_CREATING';
CREATE INDEX asset_with_cipher ON asset (id) WHERE cipher IS NOT NULL;

CREATE TABLE stage (
    ordinal    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asset_id   TEXT COLLATE "C" NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    name       TEXT   NOT NULL,
    state      TEXT   NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'not_done')),
    started_at BIGINT NOT NULL DEFAULT 0,
    ended_at   BIGINT NOT NULL DEFAULT 0,
    bytes      BIGINT NOT NULL DEFAULT 0,
    total      BIGINT NOT NULL DEFAULT 0,
    percent    BIGINT NOT NULL DEFAULT 0, -- how far a stage is that does not count bytes
    error      TEXT   NOT NULL DEFAULT '',
    result     BYTEA, -- what a done stage returned, as JSON: a later attempt takes it instead of doing the stage again
    UNIQUE (asset_id, name)
);

CREATE TABLE idempotency (
    project_id  TEXT  NOT NULL,
    key         TEXT  NOT NULL,
    body_sha256 BYTEA NOT NULL,
    asset_id    TEXT COLLATE "C" NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    PRIMARY KEY (project_id, key)
);

CREATE TABLE bucket_authorization (
    project_id TEXT NOT NULL,
    bucket     TEXT NOT NULL,
    PRIMARY KEY (project_id, bucket)
);

-- The files of an asset beside its media: snapshots, outputs, the segments of a playlist.
CREATE TABLE file (
    asset_id     TEXT COLLATE "C" NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    name         TEXT COLLATE "C" NOT NULL, -- path below the asset's media URL
    stage        TEXT   NOT NULL, -- which stage made it
    bucket       TEXT   NOT NULL,
    key          TEXT   NOT NULL,
    size         BIGINT NOT NULL,
    etag         TEXT   NOT NULL,
    modified     BIGINT NOT NULL,
    content_type TEXT   NOT NULL,
    PRIMARY KEY (asset_id, name)
);

-- What callbacks report: once per asset and type.
CREATE TABLE event (
    id           TEXT   NOT NULL UNIQUE,
    asset_id     TEXT COLLATE "C" NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    type         TEXT   NOT NULL,
    succeeded    BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    delivered_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (asset_id, type)
);

-- One row a file that is to be loaded into CDN caches.
CREATE TABLE preheat (
    task_id    TEXT   NOT NULL,
    ordinal    BIGINT NOT NULL,
    project_id TEXT   NOT NULL,
    asset_id   TEXT COLLATE "C" NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    name       TEXT   NOT NULL,
    state      TEXT   NOT NULL CHECK (state IN ('processing', 'succeed', 'failed')),
    error      TEXT   NOT NULL DEFAULT '',
    automatic  BIGINT NOT NULL, -- 1: the request of the asset asked for it
    PRIMARY KEY (task_id, ordinal)
);

CREATE INDEX preheat_by_asset ON preheat (asset_id);

-- What only the right key opens: one row, written when the database is first used with a key.
CREATE TABLE keyring (
    id     BIGINT PRIMARY KEY CHECK (id = 1),
    sealed BYTEA  NOT NULL
);

-- The processes that work on jobs. One that has been silent for too long is taken for dead.
CREATE TABLE node (
    id      TEXT        PRIMARY KEY,
    config  TEXT        NOT NULL, -- digest of the configuration, which all nodes share
    seen_at TIMESTAMPTZ NOT NULL  -- by the clock of the database
);
