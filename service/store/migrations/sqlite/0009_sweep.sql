-- The sweep of what is too old: one row, from the first look whether it is due. Times are in ms.
CREATE TABLE sweep (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    since INTEGER NOT NULL, -- the last one, or when the clock began to run without being set
    seen  INTEGER NOT NULL  -- the last look
) STRICT;
