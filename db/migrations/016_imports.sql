-- Recordings that ./gehra import has brought in. Each is a session with a feed of its own (gehra.feeds, kind 'import', ids from
-- 1001): its rows stand beside the live feeds' and are never summed with theirs.

-- Up Migration

CREATE TABLE gehra.import_sessions (
  feed_id       smallint PRIMARY KEY CHECK (feed_id >= 1001),
  -- Of the recording as it is on disk: the same one is the same session.
  sha256        bytea NOT NULL UNIQUE CHECK (octet_length(sha256) = 32),
  file          text NOT NULL,
  -- What the reader calls it: instrument and day.
  name          text NOT NULL,
  scaling       text NOT NULL,
  instrument_id integer NOT NULL REFERENCES gehra.instruments,
  from_time     timestamptz,
  to_time       timestamptz,
  ticks         bigint NOT NULL DEFAULT 0,
  books         bigint NOT NULL DEFAULT 0,
  bad_lines     bigint NOT NULL DEFAULT 0,
  started_at    timestamptz NOT NULL DEFAULT now(),
  -- NULL until the whole recording is in: it is gone on with by importing it again.
  finished_at   timestamptz
);

COMMENT ON TABLE gehra.import_sessions IS 'recordings brought in by ./gehra import, one feed each';
COMMENT ON COLUMN gehra.import_sessions.scaling IS 'how the source''s prices and quantities stand in the rows; empty where nothing was scaled';
COMMENT ON COLUMN gehra.import_sessions.books IS 'side frames stored';
COMMENT ON COLUMN gehra.ticks.aggressor_confidence IS '4 told by an imported recording, 3 at or through the touch, 2 inside the spread, 1 tick test, 0 unknown';

-- Down Migration

COMMENT ON COLUMN gehra.ticks.aggressor_confidence IS '3 at or through the touch, 2 inside the spread, 1 tick test, 0 unknown';

DELETE FROM gehra.depth_snapshots WHERE feed_id >= 1001;
DELETE FROM gehra.ticks WHERE feed_id >= 1001;
DELETE FROM gehra.flow_bars WHERE feed_id >= 1001;
DELETE FROM gehra.footprint_cells WHERE feed_id >= 1001;
DELETE FROM gehra.feed_positions WHERE feed_id >= 1001;
DELETE FROM gehra.feeds WHERE kind = 'import';
DROP TABLE gehra.import_sessions;
