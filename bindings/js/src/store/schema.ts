// Generated from the gateway's schema by `cargo xtask generate`: one file serves both.

export const SCHEMA = `-- The version of a row is its place in the order of commits and its rowid: new rows and changed rows are appended at
-- the right edge of the table, reading the changes is a scan of it, and the index from key to version stays narrow.
CREATE TABLE rows (
    version    INTEGER PRIMARY KEY,
    key        TEXT NOT NULL UNIQUE,
    value      BLOB NOT NULL,
    expires_at INTEGER  -- milliseconds UTC; NULL: never
) STRICT;

CREATE INDEX rows_by_expiry ON rows (expires_at) WHERE expires_at IS NOT NULL;

-- Deletes, for those who follow the changes. Apart from the rows: work comes and goes all day, and a scan over what is
-- open must not wade through what is done.
CREATE TABLE deletes (
    version INTEGER PRIMARY KEY,
    key     TEXT NOT NULL
) STRICT;

-- A purge at \`seen_at\` (milliseconds UTC) found deletes up to this version.
CREATE TABLE purges (
    version INTEGER PRIMARY KEY,
    seen_at INTEGER NOT NULL
) STRICT;

CREATE TABLE progress (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    sequence  INTEGER NOT NULL,  -- the last number given
    forgotten INTEGER NOT NULL   -- the highest number of a delete that was purged
) STRICT;

INSERT INTO progress (id, sequence, forgotten) VALUES (1, 0, 0);
`;
