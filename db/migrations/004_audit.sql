-- Who did what that others may ask about: sign-ins, brokers connected and disconnected, people and keys changed. Append only.

-- Up Migration

CREATE TABLE gehra.audit (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  time   timestamptz NOT NULL DEFAULT now(),
  -- Name of the person, key or process.
  who    text NOT NULL,
  -- snake_case, as in the logs: kite_connected, signed_in.
  action text NOT NULL,
  -- For a person; never a secret.
  detail text NOT NULL
);
CREATE INDEX audit_time ON gehra.audit (time);

-- Down Migration

DROP TABLE gehra.audit;
