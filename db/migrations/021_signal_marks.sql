-- What a reader has said of signals: seen, acknowledged, and what is not to be shown for a while.

-- Up Migration

CREATE TABLE gehra.signal_marks (
  -- Who said it: `person 3`, `key 7`, `demo`.
  reader          text NOT NULL,
  signal_id       text NOT NULL,
  -- A signal that was acknowledged was seen.
  acknowledged    boolean NOT NULL,
  changed_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (reader, signal_id)
);

CREATE INDEX signal_marks_changed ON gehra.signal_marks (reader, changed_at);

COMMENT ON TABLE gehra.signal_marks IS 'signals that a reader has seen, or acknowledged; who has a row has seen it';

CREATE TABLE gehra.signal_snoozes (
  reader   text NOT NULL,
  -- `detector` with the name of one, without its version, or `instrument` with a slug.
  what     text NOT NULL CHECK (what IN ('detector', 'instrument')),
  name     text NOT NULL,
  until_at timestamptz NOT NULL,
  PRIMARY KEY (reader, what, name)
);

COMMENT ON TABLE gehra.signal_snoozes IS 'whose signals a reader does not want to be shown, and until when';

-- Down Migration

DROP TABLE gehra.signal_snoozes;
DROP TABLE gehra.signal_marks;
