-- What the morning rehearsal found, and what people are told: the messages, and how far each got on each channel.

-- Up Migration

CREATE TABLE gehra.rehearsals (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  started_at  timestamptz NOT NULL,
  finished_at timestamptz NOT NULL,
  -- 'schedule', or the name of who asked for it.
  asked_by    text NOT NULL,
  -- The worst of its checks.
  verdict     text NOT NULL CHECK (verdict IN ('ok', 'warn', 'fail')),
  -- [{name, title, result, words, link}]
  checks      jsonb NOT NULL
);
CREATE INDEX rehearsals_started ON gehra.rehearsals (started_at);

CREATE TABLE gehra.notification_channels (
  channel    text PRIMARY KEY CHECK (channel IN ('slack', 'telegram')),
  -- Its addresses and tokens, sealed under AUTH_SECRET (lib/auth/seal.ts).
  sealed     text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE gehra.notices (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Names the event: one that is reported again is told once.
  event      text NOT NULL UNIQUE,
  level      text NOT NULL CHECK (level IN ('ok', 'warn', 'fail')),
  title      text NOT NULL,
  detail     text NOT NULL,
  -- Path of the page that it leads to; null where there is none.
  link       text
);

CREATE TABLE gehra.notice_deliveries (
  notice_id bigint NOT NULL REFERENCES gehra.notices ON DELETE CASCADE,
  channel   text NOT NULL,
  attempts  integer NOT NULL DEFAULT 0,
  -- When it is to be tried next; null when it is sent or given up.
  due_at    timestamptz DEFAULT now(),
  sent_at   timestamptz,
  -- Why the last attempt failed, in words without a secret.
  failure   text,
  PRIMARY KEY (notice_id, channel)
);
CREATE INDEX notice_deliveries_due ON gehra.notice_deliveries (due_at) WHERE due_at IS NOT NULL;

-- Down Migration

DROP TABLE gehra.notice_deliveries;
DROP TABLE gehra.notices;
DROP TABLE gehra.notification_channels;
DROP TABLE gehra.rehearsals;
