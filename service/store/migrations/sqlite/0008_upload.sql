-- The assets whose files are to be uploaded; a row stays until nobody can write the file any more.
CREATE TABLE upload (
    asset_id      TEXT PRIMARY KEY,
    project_id    TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('CREATING', 'UPLOAD_FAILED', 'CANCELLED', 'CONFIRMED', 'DELETED')),
    title         TEXT NOT NULL,
    description   TEXT NOT NULL,
    category_id   INTEGER NOT NULL,
    tags          TEXT NOT NULL,
    video_type    TEXT NOT NULL,
    source_bucket TEXT NOT NULL,
    source_key    TEXT NOT NULL,
    source_region TEXT NOT NULL,
    auto_publish  INTEGER NOT NULL,
    plan          TEXT NOT NULL,
    request       BLOB NOT NULL,
    request_id    TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
