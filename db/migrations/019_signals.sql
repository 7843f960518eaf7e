-- What the detectors found, and how far they have come. A signal has one row, which later states of it change in place.

-- Up Migration

CREATE TABLE gehra.signals (
  signal_id     text PRIMARY KEY,
  kind          text NOT NULL,
  detector      text NOT NULL,
  parameters    text NOT NULL,
  instrument_id integer NOT NULL,
  feed_id       smallint NOT NULL,
  -- When it was first told.
  time          timestamptz NOT NULL,
  from_time     timestamptz NOT NULL,
  to_time       timestamptz NOT NULL,
  -- When its newest state was told.
  found_time    timestamptz NOT NULL,
  low_price     integer NOT NULL,
  high_price    integer NOT NULL,
  side          text CHECK (side IN ('bid', 'ask')),
  size          bigint NOT NULL,
  severity      smallint NOT NULL CHECK (severity BETWEEN 1 AND 3),
  confidence    real NOT NULL,
  cause         jsonb NOT NULL,
  evidence      text[] NOT NULL,
  quality       jsonb NOT NULL,
  state         text NOT NULL
);

CREATE INDEX signals_time ON gehra.signals (time DESC, signal_id DESC);
CREATE INDEX signals_instrument ON gehra.signals (instrument_id, time DESC, signal_id DESC);

COMMENT ON TABLE gehra.signals IS 'what the detectors found (docs/SIGNALS.md); prices in price units, 0 where it is of the book as a whole; sizes in units';

-- One row: what the detectors remember, and up to which stamp of each feed they have looked. It moves in the transaction that
-- stores the signals found up to there.
CREATE TABLE gehra.signal_progress (
  worker     text PRIMARY KEY,
  -- Counts commits: a worker that finds another number than it left has been overtaken.
  version    bigint NOT NULL,
  positions  jsonb NOT NULL,
  -- lib/signals/checkpoint.ts; null where it begins anew.
  state      bytea,
  updated_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE gehra.signal_progress IS 'how far the signals worker has come, and what its detectors remember';

-- Down Migration

DROP TABLE gehra.signal_progress;
DROP TABLE gehra.signals;
