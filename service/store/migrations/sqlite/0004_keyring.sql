-- What only the right key opens: one row, written when the database is first used with a key.
CREATE TABLE keyring (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    sealed BLOB    NOT NULL
) STRICT;
