-- The tables of schema version 1, as the autodata that wrote them made them in SQLite.
CREATE TABLE meta ("key" VARCHAR NOT NULL, value VARCHAR NOT NULL, PRIMARY KEY ("key"));
CREATE TABLE texts (hash BLOB NOT NULL, body BLOB NOT NULL, PRIMARY KEY (hash));
CREATE TABLE runs (id INTEGER NOT NULL, name VARCHAR NOT NULL, manifest TEXT NOT NULL, started FLOAT NOT NULL, seconds FLOAT NOT NULL, PRIMARY KEY (id), UNIQUE (name));
CREATE TABLE sources (run INTEGER NOT NULL, position INTEGER NOT NULL, file VARCHAR NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (run, position));
CREATE TABLE documents (run INTEGER NOT NULL, id VARCHAR NOT NULL, position INTEGER NOT NULL, file VARCHAR NOT NULL, title VARCHAR NOT NULL, text BLOB NOT NULL, PRIMARY KEY (run, id));
CREATE TABLE skipped (run INTEGER NOT NULL, file VARCHAR NOT NULL, reason VARCHAR NOT NULL, PRIMARY KEY (run, file));
CREATE TABLE calls ("key" BLOB NOT NULL, run INTEGER NOT NULL, document VARCHAR NOT NULL, role VARCHAR NOT NULL, model VARCHAR NOT NULL, request BLOB NOT NULL, reply BLOB NOT NULL, thinking BLOB, finish VARCHAR NOT NULL, tokens_in INTEGER NOT NULL, tokens_cached INTEGER NOT NULL, tokens_out INTEGER NOT NULL, cost FLOAT NOT NULL, retries SMALLINT NOT NULL, seconds FLOAT NOT NULL, at FLOAT NOT NULL, PRIMARY KEY ("key"));
CREATE INDEX calls_by_document ON calls (document);
CREATE TABLE unreadable (call BLOB NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (call));
CREATE TABLE items (hash BLOB NOT NULL, body BLOB NOT NULL, PRIMARY KEY (hash));
CREATE TABLE rounds (run INTEGER NOT NULL, document VARCHAR NOT NULL, round SMALLINT NOT NULL, item BLOB, failure VARCHAR, reason TEXT NOT NULL, weak_mean VARCHAR, strong_mean VARCHAR, feedback BLOB, PRIMARY KEY (run, document, round));
CREATE TABLE attempts (run INTEGER NOT NULL, item BLOB NOT NULL, "set" VARCHAR NOT NULL, solver VARCHAR NOT NULL, "index" SMALLINT NOT NULL, status VARCHAR NOT NULL, call BLOB NOT NULL, seed INTEGER NOT NULL, PRIMARY KEY (run, item, "set", solver, "index"));
CREATE TABLE judgments (run INTEGER NOT NULL, item BLOB NOT NULL, "set" VARCHAR NOT NULL, solver VARCHAR NOT NULL, "index" SMALLINT NOT NULL, judge VARCHAR NOT NULL, met VARCHAR NOT NULL, evidence BLOB NOT NULL, PRIMARY KEY (run, item, "set", solver, "index", judge));
CREATE TABLE checks (run INTEGER NOT NULL, item BLOB NOT NULL, stage VARCHAR NOT NULL, passed BOOLEAN NOT NULL, issues TEXT NOT NULL, PRIMARY KEY (run, item, stage));
CREATE TABLE outcomes (run INTEGER NOT NULL, document VARCHAR NOT NULL, verdict VARCHAR NOT NULL, rounds SMALLINT NOT NULL, item BLOB, policy VARCHAR NOT NULL, PRIMARY KEY (run, document));
