-- What lists are selected and sorted by. The state is in all of them, for rows in other states not to be read.
CREATE INDEX asset_by_state ON asset (project_id, state, seq);
CREATE INDEX asset_by_type ON asset (project_id, video_type, seq, state);
CREATE INDEX asset_by_category ON asset (project_id, category_id, seq, state);
CREATE INDEX asset_by_time ON asset (project_id, created_at, seq, state);
CREATE INDEX asset_by_title ON asset (project_id, title, seq, state);
CREATE INDEX asset_by_size ON asset (project_id, media_size, seq, state);
