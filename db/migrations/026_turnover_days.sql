-- The money traded in a day, of each day apart: one's first minutes stood in the place of another's whole.

-- Up Migration

ALTER TABLE gehra.turnover DROP CONSTRAINT turnover_pkey, ADD PRIMARY KEY (instrument_id, day);

-- Down Migration

DELETE FROM gehra.turnover AS old USING gehra.turnover AS newer
WHERE newer.instrument_id = old.instrument_id AND newer.day > old.day;
ALTER TABLE gehra.turnover DROP CONSTRAINT turnover_pkey, ADD PRIMARY KEY (instrument_id);
