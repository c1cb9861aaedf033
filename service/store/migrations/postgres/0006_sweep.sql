-- The sweep of what is too old: one row, from the first look whether it is due. Times are in ms.
CREATE TABLE sweep (
    id    BIGINT PRIMARY KEY CHECK (id = 1),
    since BIGINT NOT NULL, -- the last one, or when the clock began to run without being set
    seen  BIGINT NOT NULL  -- the last look
);
