-- The processing that was asked for, as JSON, with the templates of the day it was accepted.
ALTER TABLE asset ADD COLUMN plan TEXT NOT NULL DEFAULT '{}';
-- The key of encrypted outputs, sealed; NULL when there is none.
ALTER TABLE asset ADD COLUMN cipher BLOB;
CREATE INDEX asset_with_cipher ON asset (id) WHERE cipher IS NOT NULL;
-- 1: review forbids publishing.
ALTER TABLE asset ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0;

-- What a done stage gave, as JSON: a later attempt takes it instead of doing the stage again.
ALTER TABLE stage ADD COLUMN result BLOB;
-- How far a stage is that does not count bytes.
ALTER TABLE stage ADD COLUMN percent INTEGER NOT NULL DEFAULT 0;

-- The files of an asset beside its media: snapshots, outputs, the segments of a playlist.
CREATE TABLE file (
    asset_id     TEXT    NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    name         TEXT    NOT NULL, -- path below the asset's media URL
    stage        TEXT    NOT NULL, -- which stage made it
    bucket       TEXT    NOT NULL,
    key          TEXT    NOT NULL,
    size         INTEGER NOT NULL,
    etag         TEXT    NOT NULL,
    modified     INTEGER NOT NULL,
    content_type TEXT    NOT NULL,
    PRIMARY KEY (asset_id, name)
) STRICT, WITHOUT ROWID;

-- What callbacks tell: once per asset and type.
CREATE TABLE event (
    id           TEXT    NOT NULL UNIQUE,
    asset_id     TEXT    NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    type         TEXT    NOT NULL,
    succeeded    INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    delivered_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (asset_id, type)
) STRICT;

-- One row a file that is to be loaded into the edges.
CREATE TABLE preheat (
    task_id    TEXT    NOT NULL,
    ordinal    INTEGER NOT NULL,
    project_id TEXT    NOT NULL,
    asset_id   TEXT    NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('processing', 'succeed', 'failed')),
    error      TEXT    NOT NULL DEFAULT '',
    automatic  INTEGER NOT NULL, -- 1: the request of the asset asked for it
    PRIMARY KEY (task_id, ordinal)
) STRICT, WITHOUT ROWID;

CREATE INDEX preheat_by_asset ON preheat (asset_id);
