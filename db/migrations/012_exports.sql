-- Exports: who asked for what, how far it is, and its file in the data folder.

-- Up Migration

CREATE TABLE gehra.exports (
  -- Names its files too: nothing of a request is part of a path.
  export_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  who           text NOT NULL,
  kind          text NOT NULL,
  format        text NOT NULL,
  instrument_id integer NOT NULL REFERENCES gehra.instruments,
  -- Length of a bar; null for what is no bars.
  bar           text,
  -- Feed that was asked for; null: the best that has rows.
  feed_id       smallint,
  from_time     timestamptz NOT NULL,
  -- Exclusive.
  to_time       timestamptz NOT NULL CHECK (to_time > from_time),
  state         text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  -- Of the interval, 0 to 1.
  progress      double precision NOT NULL DEFAULT 0,
  rows          bigint NOT NULL DEFAULT 0,
  bytes         bigint NOT NULL DEFAULT 0,
  gaps          integer,
  -- Why it failed, in words.
  error         text,
  -- Counts its beginnings. Who works on an earlier one has been taken for dead, and may not finish.
  attempt       integer NOT NULL DEFAULT 0,
  created_at    timestamptz NOT NULL DEFAULT now(),
  finished_at   timestamptz,
  -- Somebody is downloading it until then, or a little longer: it is not deleted before.
  read_until    timestamptz
);
CREATE INDEX exports_live ON gehra.exports (export_id) WHERE state IN ('queued', 'running');

-- Down Migration

DROP TABLE gehra.exports;
