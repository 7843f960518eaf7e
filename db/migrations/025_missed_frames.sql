-- What the signals worker did not look at because it came too late, so that whoever looks again leaves out the same.

-- Up Migration

CREATE TABLE gehra.missed_frames (
  feed_id smallint NOT NULL,
  -- Of the first and of the last entry that was left out.
  time    timestamptz NOT NULL,
  to_time timestamptz NOT NULL CHECK (to_time >= time),
  PRIMARY KEY (feed_id, time)
);

COMMENT ON TABLE gehra.missed_frames IS 'stretches of a feed, both ends included, whose frames came to the signals worker after it had gone on without them (docs/SIGNALS.md); they are stored all the same';

-- Of every commit, where positions and state are of the last checkpoint: what comes of a feed after the stamp up to which it had been
-- looked at, and before that of all feeds, comes too late, after a restart as before it.
ALTER TABLE gehra.signal_progress ADD COLUMN looked jsonb NOT NULL DEFAULT '{}';
ALTER TABLE gehra.signal_progress ADD COLUMN given_us bigint NOT NULL DEFAULT 0;

COMMENT ON COLUMN gehra.signal_progress.looked IS 'by feed: stamp of its newest entry that the detectors have looked at, µs since the epoch';
COMMENT ON COLUMN gehra.signal_progress.given_us IS 'stamp of the newest entry of all feeds that the detectors have looked at, µs since the epoch; 0: none yet';

-- Down Migration

ALTER TABLE gehra.signal_progress DROP COLUMN given_us;
ALTER TABLE gehra.signal_progress DROP COLUMN looked;

DROP TABLE gehra.missed_frames;
