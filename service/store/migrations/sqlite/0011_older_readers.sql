-- The triggers of 0010 without ORDER BY inside of aggregates, which the sqlite3 of Debian 12 and Ubuntu 22.04 cannot parse: they
-- refused the complete database, and so could not back it up.
DROP TRIGGER asset_text_insert;
DROP TRIGGER asset_text_update;
DROP TRIGGER asset_text_delete;

CREATE TRIGGER asset_text_insert AFTER INSERT ON asset WHEN new.seq % 256 = 0 BEGIN
    INSERT INTO asset_text (project_id, first, last, numbers, texts)
    SELECT projects.project_id, projects.first, new.seq,
        (SELECT group_concat(number, ' ')
            FROM (SELECT seq || ' ' || octet_length(title) || ' ' || octet_length(description) AS number FROM asset
                WHERE project_id = projects.project_id AND seq BETWEEN projects.first AND new.seq ORDER BY seq)),
        (SELECT CAST(group_concat(text, '') AS BLOB)
            FROM (SELECT lower(title) || lower(description) AS text FROM asset
                WHERE project_id = projects.project_id AND seq BETWEEN projects.first AND new.seq ORDER BY seq))
    FROM (SELECT DISTINCT project_id, former.last + 1 AS first
        FROM (SELECT coalesce(max(last), 0) AS last FROM asset_text) AS former CROSS JOIN asset
        WHERE seq > former.last AND seq <= new.seq) AS projects;
END;
CREATE TRIGGER asset_text_update AFTER UPDATE OF title, description ON asset BEGIN
    UPDATE asset_text SET (numbers, texts) = (
        SELECT coalesce(group_concat(number, ' '), ''), CAST(coalesce(group_concat(text, ''), '') AS BLOB)
        FROM (SELECT seq || ' ' || octet_length(title) || ' ' || octet_length(description) AS number, lower(title) || lower(description) AS text
            FROM asset WHERE project_id = new.project_id AND seq BETWEEN asset_text.first AND asset_text.last ORDER BY seq))
    WHERE project_id = new.project_id AND last = (SELECT min(last) FROM asset_text WHERE project_id = new.project_id AND last >= new.seq);
END;
CREATE TRIGGER asset_text_delete AFTER DELETE ON asset BEGIN
    UPDATE asset_text SET (numbers, texts) = (
        SELECT coalesce(group_concat(number, ' '), ''), CAST(coalesce(group_concat(text, ''), '') AS BLOB)
        FROM (SELECT seq || ' ' || octet_length(title) || ' ' || octet_length(description) AS number, lower(title) || lower(description) AS text
            FROM asset WHERE project_id = old.project_id AND seq BETWEEN asset_text.first AND asset_text.last ORDER BY seq))
    WHERE project_id = old.project_id AND last = (SELECT min(last) FROM asset_text WHERE project_id = old.project_id AND last >= old.seq);
END;
