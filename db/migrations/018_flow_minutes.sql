-- Bars of a minute with their footprints, one row each, in place of a row for each price (gehra.footprint_cells): a day of either
-- is 375 rows read, and not 15,000. Kept up as gehra.flow_bars is (migration 010): both say the same of every trade.

-- Up Migration

DO $$
DECLARE
  partitioning text := CASE gehra.timescale_edition() WHEN 'plain' THEN 'PARTITION BY RANGE (time)' ELSE '' END;
BEGIN
  EXECUTE format($ddl$
    CREATE TABLE gehra.flow_minutes (
      time          timestamptz NOT NULL,
      instrument_id integer NOT NULL,
      feed_id       smallint NOT NULL,
      open          integer,
      high          integer,
      low           integer,
      close         integer,
      buy           bigint NOT NULL,
      sell          bigint NOT NULL,
      unknown       bigint NOT NULL,
      unattributed  bigint NOT NULL,
      min_delta     bigint NOT NULL,
      max_delta     bigint NOT NULL,
      trades        integer NOT NULL,
      value         double precision NOT NULL,
      oi            bigint,
      last_time     timestamptz NOT NULL,
      cells         bytea NOT NULL,
      PRIMARY KEY (instrument_id, feed_id, time)
    ) %s $ddl$, partitioning);
END
$$;

COMMENT ON TABLE gehra.flow_minutes IS 'one row a minute in which an instrument traded: its bar as in gehra.flow_bars, and its footprint';
COMMENT ON COLUMN gehra.flow_minutes.cells IS 'its footprint: of each price at which it traded, lowest first, price, buy, sell, unknown and trades (lib/orderflow/packed-footprint.ts)';

CREATE OR REPLACE FUNCTION gehra.daily_tables() RETURNS text[] LANGUAGE sql IMMUTABLE AS
  $$ SELECT ARRAY['depth_snapshots', 'ticks', 'flow_bars', 'flow_minutes'] $$;

DO $$
DECLARE
  day record;
BEGIN
  IF gehra.timescale_edition() = 'plain' THEN
    -- Days that are over have to lie in partitions of their own too, or nothing would ever drop them.
    FOR day IN SELECT replace(c.relname, 'flow_bars', 'flow_minutes') AS name, pg_get_expr(c.relpartbound, c.oid) AS bound
      FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = 'gehra.flow_bars'::regclass
    LOOP
      EXECUTE format('CREATE TABLE gehra.%I PARTITION OF gehra.flow_minutes %s', day.name, day.bound);
    END LOOP;
  ELSE
    PERFORM create_hypertable('gehra.flow_minutes', 'time', chunk_time_interval => interval '1 day',
      create_default_indexes => false);
  END IF;
END
$$;

INSERT INTO gehra.flow_minutes
WITH seconds AS (
  SELECT *, date_trunc('minute', time) AS minute FROM gehra.flow_bars
), running AS (
  SELECT *, coalesce(sum(buy - sell) OVER (PARTITION BY instrument_id, feed_id, minute ORDER BY time
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS delta_before
  FROM seconds
), bars AS (
  SELECT minute AS time, instrument_id, feed_id, (array_agg(open ORDER BY time) FILTER (WHERE open IS NOT NULL))[1],
    max(high), min(low), (array_agg(close ORDER BY time DESC) FILTER (WHERE close IS NOT NULL))[1],
    sum(buy)::bigint, sum(sell)::bigint, sum(unknown)::bigint, sum(unattributed)::bigint,
    least(0, min(delta_before + min_delta))::bigint, greatest(0, max(delta_before + max_delta))::bigint,
    sum(trades)::integer, sum(value), (array_agg(oi ORDER BY time DESC) FILTER (WHERE oi IS NOT NULL))[1], max(last_time)
  FROM running GROUP BY instrument_id, feed_id, minute
), packed AS (
  SELECT time, instrument_id, feed_id, string_agg(
    int4send(price) || int8send(buy) || int8send(sell) || int8send(unknown) || int4send(trades), '' ORDER BY price) AS cells
  FROM gehra.footprint_cells GROUP BY instrument_id, feed_id, time
)
SELECT bars.*, coalesce(cells, '')
FROM bars LEFT JOIN packed USING (time, instrument_id, feed_id);

DROP TABLE gehra.footprint_cells;

DO $$
BEGIN
  IF gehra.timescale_edition() <> 'full' THEN RETURN; END IF;
  ALTER TABLE gehra.flow_minutes SET (timescaledb.compress,
    timescaledb.compress_segmentby = 'instrument_id, feed_id', timescaledb.compress_orderby = 'time');
  PERFORM add_compression_policy('gehra.flow_minutes', interval '2 days', if_not_exists => true);
  BEGIN
    PERFORM add_reorder_policy('gehra.flow_minutes', 'flow_minutes_pkey', if_not_exists => true);
  EXCEPTION WHEN OTHERS THEN
    -- The order of rows is a matter of speed alone: nothing may fail to start for it.
    RAISE WARNING 'gehra.flow_minutes will not be reordered: %', SQLERRM;
  END;
END
$$;

SELECT gehra.ensure_partitions(2);

-- Down Migration

DO $$
DECLARE
  partitioning text := CASE gehra.timescale_edition() WHEN 'plain' THEN 'PARTITION BY RANGE (time)' ELSE '' END;
  day record;
BEGIN
  EXECUTE format($ddl$
    CREATE TABLE gehra.footprint_cells (
      time          timestamptz NOT NULL,
      instrument_id integer NOT NULL,
      feed_id       smallint NOT NULL,
      price         integer NOT NULL,
      buy           bigint NOT NULL,
      sell          bigint NOT NULL,
      unknown       bigint NOT NULL,
      trades        integer NOT NULL,
      PRIMARY KEY (instrument_id, feed_id, time, price)
    ) %s $ddl$, partitioning);
  IF gehra.timescale_edition() = 'plain' THEN
    FOR day IN SELECT replace(c.relname, 'flow_minutes', 'footprint_cells') AS name, pg_get_expr(c.relpartbound, c.oid) AS bound
      FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = 'gehra.flow_minutes'::regclass
    LOOP
      EXECUTE format('CREATE TABLE gehra.%I PARTITION OF gehra.footprint_cells %s', day.name, day.bound);
    END LOOP;
  ELSE
    PERFORM create_hypertable('gehra.footprint_cells', 'time', chunk_time_interval => interval '1 day',
      create_default_indexes => false);
  END IF;
END
$$;

COMMENT ON TABLE gehra.footprint_cells IS 'one row a minute and price at which an instrument traded';

INSERT INTO gehra.footprint_cells
SELECT time, instrument_id, feed_id, ('x' || substr(hex, 1, 8))::bit(32)::integer, ('x' || substr(hex, 9, 16))::bit(64)::bigint,
  ('x' || substr(hex, 25, 16))::bit(64)::bigint, ('x' || substr(hex, 41, 16))::bit(64)::bigint,
  ('x' || substr(hex, 57, 8))::bit(32)::integer
FROM gehra.flow_minutes, generate_series(1, octet_length(cells), 32) AS at, encode(substr(cells, at, 32), 'hex') AS hex;

DROP TABLE gehra.flow_minutes;

CREATE OR REPLACE FUNCTION gehra.daily_tables() RETURNS text[] LANGUAGE sql IMMUTABLE AS
  $$ SELECT ARRAY['depth_snapshots', 'ticks', 'flow_bars', 'footprint_cells'] $$;

DO $$
BEGIN
  IF gehra.timescale_edition() <> 'full' THEN RETURN; END IF;
  ALTER TABLE gehra.footprint_cells SET (timescaledb.compress,
    timescaledb.compress_segmentby = 'instrument_id, feed_id', timescaledb.compress_orderby = 'time, price');
  PERFORM add_compression_policy('gehra.footprint_cells', interval '2 days', if_not_exists => true);
  BEGIN
    PERFORM add_reorder_policy('gehra.footprint_cells', 'footprint_cells_pkey', if_not_exists => true);
  EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'gehra.footprint_cells will not be reordered: %', SQLERRM;
  END;
END
$$;
