-- Rules, what they told, and how far each telling got on each channel.

-- Up Migration

CREATE TABLE gehra.alert_rules (
  rule_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- lib/signals/rules.ts, `Rule`.
  rule       jsonb NOT NULL,
  -- Up to which tick a rule on a number has looked; null: it begins when it is next looked at.
  looked_to  timestamptz,
  updated_at timestamptz NOT NULL DEFAULT now(),
  updated_by text NOT NULL
);

COMMENT ON TABLE gehra.alert_rules IS 'which signals, and which moves of a number, people are told of at once';

CREATE TABLE gehra.alerts (
  -- Of the rule and what it told: the idempotency key of every attempt to deliver it.
  alert_key     text PRIMARY KEY,
  -- Rules are deleted, what they told stays.
  rule_id       bigint NOT NULL,
  rule_name     text NOT NULL,
  -- A signal's, or what came over its level and when.
  occasion_id   text NOT NULL,
  kind          text NOT NULL,
  instrument_id integer NOT NULL,
  low_price     integer NOT NULL,
  found_time    timestamptz NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  title         text NOT NULL,
  detail        text NOT NULL,
  -- Path of a page.
  link          text NOT NULL
);
CREATE INDEX alerts_time ON gehra.alerts (created_at DESC, alert_key DESC);

CREATE TABLE gehra.alert_deliveries (
  alert_key  text NOT NULL REFERENCES gehra.alerts ON DELETE CASCADE,
  channel    text NOT NULL,
  -- held: quiet hours. uncertain: nobody knows whether it arrived, or whether twice, and it is not sent again.
  state      text NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'uncertain', 'held')),
  -- Whether an attempt ended without anybody knowing if it arrived: what was sent after it may be a repetition.
  unknown    boolean NOT NULL DEFAULT false,
  attempts   integer NOT NULL DEFAULT 0,
  -- Why the last attempt failed, in words without a secret.
  failure    text,
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (alert_key, channel)
);
CREATE INDEX alert_deliveries_open ON gehra.alert_deliveries (alert_key) WHERE state IN ('waiting', 'sending');

-- One row. How far the stream of signals has been looked through moves with the alerts that were found.
CREATE TABLE gehra.alert_progress (
  only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  -- Id in the stream; null: nothing was looked at yet.
  position  text,
  -- Minutes after midnight in India between which channels are not written to; equal: none.
  quiet_from     smallint NOT NULL DEFAULT 0 CHECK (quiet_from BETWEEN 0 AND 1439),
  quiet_to       smallint NOT NULL DEFAULT 0 CHECK (quiet_to BETWEEN 0 AND 1439),
  -- A digest is told so often while the market is open; 0: none.
  digest_minutes smallint NOT NULL DEFAULT 0 CHECK (digest_minutes BETWEEN 0 AND 1440)
);
INSERT INTO gehra.alert_progress DEFAULT VALUES;

-- Down Migration

DROP TABLE gehra.alert_progress;
DROP TABLE gehra.alert_deliveries;
DROP TABLE gehra.alerts;
DROP TABLE gehra.alert_rules;
