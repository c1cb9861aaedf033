-- What lists are selected and sorted by. The state is in all of them, for rows in other states not to be read.
CREATE INDEX asset_by_state ON asset (project_id, state, seq);
CREATE INDEX asset_by_type ON asset (project_id, video_type, seq, state);
CREATE INDEX asset_by_category ON asset (project_id, category_id, seq, state);
CREATE INDEX asset_by_time ON asset (project_id, created_at, seq, state);
CREATE INDEX asset_by_title ON asset (project_id, title, seq, state);
CREATE INDEX asset_by_size ON asset (project_id, media_size, seq, state);

-- The texts that are searched, by each three characters in a row.
CREATE VIRTUAL TABLE asset_search USING fts5 (title, source_key, tags, content='', contentless_delete=1, tokenize='trigram');
INSERT INTO asset_search (rowid, title, source_key, tags) SELECT seq, title, source_key, tags FROM asset;
CREATE TRIGGER asset_search_insert AFTER INSERT ON asset BEGIN
    INSERT INTO asset_search (rowid, title, source_key, tags) VALUES (new.seq, new.title, new.source_key, new.tags);
END;
CREATE TRIGGER asset_search_update AFTER UPDATE OF title, source_key, tags ON asset BEGIN
    UPDATE asset_search SET title = new.title, source_key = new.source_key, tags = new.tags WHERE rowid = new.seq;
END;
CREATE TRIGGER asset_search_delete AFTER DELETE ON asset BEGIN
    DELETE FROM asset_search WHERE rowid = old.seq;
END;
