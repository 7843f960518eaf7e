-- Whose data this database holds: one row, made by the first `./gehra up` that uses it. Two instances in one database
-- would mix their markets, and nothing in a row tells a simulated book from a real one.

-- Up Migration

CREATE TABLE gehra.owner (
  -- The one row.
  one      boolean PRIMARY KEY DEFAULT true CHECK (one),
  -- Name of a data folder, made at random and kept in it.
  id       text NOT NULL,
  -- Where that folder was, for people.
  data_dir text NOT NULL,
  since    timestamptz NOT NULL DEFAULT now()
);

-- Down Migration

DROP TABLE gehra.owner;
