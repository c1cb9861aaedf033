-- When the store took the media; it tells versions apart where there is no ETag.
ALTER TABLE asset ADD COLUMN media_modified INTEGER NOT NULL DEFAULT 0;
