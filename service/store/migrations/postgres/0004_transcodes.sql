-- Lists of the assets whose outputs are in some state.
CREATE INDEX stage_transcode ON stage (state, asset_id) WHERE name = 'transcode';
