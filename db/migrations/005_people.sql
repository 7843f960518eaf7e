-- Who may come in: people, their sessions, one-time links, and keys of scripts. No secret stands here as it is: passwords as
-- argon2id hashes, what is random by itself (sessions, links, keys, recovery codes) as SHA-256, the second factor sealed.

-- Up Migration

CREATE TABLE gehra.people (
  person_id       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- As it was chosen, for screens.
  name            text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 64),
  role            text NOT NULL CHECK (role IN ('owner', 'viewer')),
  -- Of somebody who comes by a provider alone: NULL.
  password_hash   text,
  -- Who the provider says it is.
  oidc_issuer     text,
  oidc_subject    text,
  email           text,
  -- The second factor, sealed; pending until its first code was entered.
  totp_sealed     text,
  totp_pending    text,
  -- Number of the last 30 seconds whose code was used: a code works once.
  totp_last_step  bigint NOT NULL DEFAULT 0,
  recovery_hashes bytea[] NOT NULL DEFAULT '{}',
  disabled        boolean NOT NULL DEFAULT false,
  since           timestamptz NOT NULL DEFAULT now(),
  UNIQUE (oidc_issuer, oidc_subject),
  CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL))
);
CREATE UNIQUE INDEX people_name ON gehra.people (lower(name));

CREATE TABLE gehra.sessions (
  session_hash bytea PRIMARY KEY,
  person_id    integer NOT NULL REFERENCES gehra.people ON DELETE CASCADE,
  began        timestamptz NOT NULL,
  last_seen    timestamptz NOT NULL,
  -- When the password was entered last: what is grave asks for it again.
  password_at  timestamptz NOT NULL,
  -- For the person, who knows their own devices.
  address      text NOT NULL,
  user_agent   text NOT NULL
);
CREATE INDEX sessions_person ON gehra.sessions (person_id);

CREATE TABLE gehra.one_time_links (
  code_hash bytea PRIMARY KEY,
  -- setup: makes an owner. invite: makes a person of that role. password: gives a person a new password.
  purpose   text NOT NULL CHECK (purpose IN ('setup', 'invite', 'password')),
  role      text NOT NULL CHECK (role IN ('owner', 'viewer')),
  person_id integer REFERENCES gehra.people ON DELETE CASCADE,
  made_by   text NOT NULL,
  expires   timestamptz NOT NULL,
  CHECK ((purpose = 'password') = (person_id IS NOT NULL))
);

CREATE TABLE gehra.api_keys (
  key_id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name      text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 64),
  -- The beginning, by which a person knows it again.
  prefix    text NOT NULL,
  key_hash  bytea NOT NULL UNIQUE,
  scope     text NOT NULL CHECK (scope IN ('read', 'full')),
  -- Who made it: it may no more than they. NULL: made in the open demo.
  person_id integer REFERENCES gehra.people ON DELETE CASCADE,
  made      timestamptz NOT NULL,
  last_used timestamptz,
  revoked   timestamptz
);

-- Down Migration

DROP TABLE gehra.api_keys;
DROP TABLE gehra.one_time_links;
DROP TABLE gehra.sessions;
DROP TABLE gehra.people;
