-- Notices of what stands for a while (a login that is needed) go when it stands no more; others stay as they are.

-- Up Migration

ALTER TABLE gehra.notices
  -- Whether it is true only as long as its cause stands.
  ADD COLUMN lasting boolean NOT NULL DEFAULT false,
  -- Since when the cause of a lasting one stands no more.
  ADD COLUMN over_at timestamptz;

-- Down Migration

ALTER TABLE gehra.notices DROP COLUMN lasting, DROP COLUMN over_at;
