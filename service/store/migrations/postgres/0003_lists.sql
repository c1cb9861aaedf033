-- What lists are selected and sorted by.
CREATE INDEX asset_by_state ON asset (project_id, state, seq);
CREATE INDEX asset_by_type ON asset (project_id, video_type, seq);
CREATE INDEX asset_by_category ON asset (project_id, category_id, seq);
CREATE INDEX asset_by_time ON asset (project_id, created_at, seq);
CREATE INDEX asset_by_title ON asset (project_id, title, seq);
CREATE INDEX asset_by_size ON asset (project_id, media_size, seq);

-- Searches use an index where the server has the extension, and read every asset of the project where it has not.
DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX asset_by_text ON asset USING gin (lower(title || E'\n' || source_key || E'\n' || tags) gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE 'searches of assets are slow: %', SQLERRM;
END $$;
