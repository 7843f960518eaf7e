-- Backtests: what was asked for, how far each is, and what the detectors found on each of its days.

-- Up Migration

CREATE TABLE gehra.backtests (
  backtest_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  who            text NOT NULL,
  name           text NOT NULL,
  from_time      timestamptz NOT NULL,
  -- Exclusive.
  to_time        timestamptz NOT NULL CHECK (to_time > from_time),
  -- Null: all that was recorded.
  instrument_ids integer[],
  -- Null: all of them.
  detectors      text[],
  -- Parameters that differ from the detectors' own, by detector.
  overrides      jsonb NOT NULL DEFAULT '{}',
  state          text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  -- Of its days, 0 to 1.
  progress       double precision NOT NULL DEFAULT 0,
  -- Versions and parameters of the detectors that its days were looked at with: days of others are looked at anew.
  rules          text,
  -- SHA-256 over the hashes of its days; null until it is done.
  hash           text,
  -- Why it failed, in words.
  error          text,
  -- Counts its beginnings. Who works on an earlier one has been taken for dead, and may store nothing.
  attempt        integer NOT NULL DEFAULT 0,
  created_at     timestamptz NOT NULL DEFAULT now(),
  finished_at    timestamptz
);
CREATE INDEX backtests_live ON gehra.backtests (backtest_id) WHERE state IN ('queued', 'running');

COMMENT ON TABLE gehra.backtests IS 'detectors run over what was recorded (docs/SIGNALS.md)';

-- A row for each day that is done: whoever goes on begins with the others.
CREATE TABLE gehra.backtest_days (
  backtest_id bigint NOT NULL REFERENCES gehra.backtests ON DELETE CASCADE,
  -- In IST.
  day         date NOT NULL,
  -- Null where nothing was recorded.
  source      text CHECK (source IN ('journal', 'database')),
  -- Entries of the feeds that were looked at.
  entries     bigint NOT NULL,
  signals     integer NOT NULL,
  -- SHA-256 over its signals, each as a line, in the order in which they were first told.
  hash        text NOT NULL,
  -- The same of what had been found live of these instruments by these detectors; null where that was nothing.
  live_hash    text,
  live_signals integer NOT NULL,
  PRIMARY KEY (backtest_id, day)
);

-- As gehra.signals has them: each signal with its newest state.
CREATE TABLE gehra.backtest_signals (
  backtest_id   bigint NOT NULL REFERENCES gehra.backtests ON DELETE CASCADE,
  signal_id     text NOT NULL,
  kind          text NOT NULL,
  detector      text NOT NULL,
  parameters    text NOT NULL,
  instrument_id integer NOT NULL,
  feed_id       smallint NOT NULL,
  time          timestamptz NOT NULL,
  from_time     timestamptz NOT NULL,
  to_time       timestamptz NOT NULL,
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
  state         text NOT NULL,
  PRIMARY KEY (backtest_id, signal_id)
);

-- As gehra.signal_outcomes has them.
CREATE TABLE gehra.backtest_outcomes (
  backtest_id bigint NOT NULL REFERENCES gehra.backtests ON DELETE CASCADE,
  signal_id   text NOT NULL,
  sample      smallint NOT NULL,
  net_ticks   double precision[] NOT NULL,
  net_bps     double precision[] NOT NULL,
  reasons     text[] NOT NULL,
  PRIMARY KEY (backtest_id, signal_id, sample)
);

-- Down Migration

DROP TABLE gehra.backtest_outcomes;
DROP TABLE gehra.backtest_signals;
DROP TABLE gehra.backtest_days;
DROP TABLE gehra.backtests;
