CREATE TABLE candidates (id TEXT PRIMARY KEY, row BLOB NOT NULL);
CREATE TABLE events (seq INTEGER PRIMARY KEY, row BLOB NOT NULL);
CREATE TABLE lm_calls (
    key TEXT PRIMARY KEY, rollout TEXT, model TEXT NOT NULL, prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL, usd REAL, seconds REAL NOT NULL, cache_hit INTEGER NOT NULL, row BLOB NOT NULL
);
CREATE INDEX lm_calls_by_rollout ON lm_calls (rollout);
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE rollouts (
    key TEXT PRIMARY KEY, candidate TEXT NOT NULL, split TEXT NOT NULL, position INTEGER NOT NULL,
    status TEXT NOT NULL, score REAL, row BLOB NOT NULL
);
CREATE INDEX rollouts_by_example ON rollouts (split, position);
