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
COMMENT ON COLUMN gehra.flow_minutes.cells IS 'its footprint: of each price at which it traded, lowest first, how far it is above the one before, buy, sell, unknown and trades, as varints (lib/orderflow/packed-footprint.ts)';

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

-- Cells as lib/orderflow/packed-footprint.ts packs them: a number's 7 bits a byte, lowest first, the high bit set on all but the last.
CREATE OR REPLACE FUNCTION pg_temp.varint(value bigint) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  bytes bytea := '';
BEGIN
  LOOP
    IF value < 128 THEN
      RETURN bytes || set_byte('\x00', 0, value::integer);
    END IF;
    bytes := bytes || set_byte('\x00', 0, (value & 127)::integer | 128);
    value := value >> 7;
  END LOOP;
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
), above AS (
  SELECT *, price - lag(price) OVER (PARTITION BY instrument_id, feed_id, time ORDER BY price) AS rise
  FROM gehra.footprint_cells
), packed AS (
  SELECT time, instrument_id, feed_id, string_agg(
    pg_temp.varint(coalesce(rise, CASE WHEN price < 0 THEN -2 * price::bigint - 1 ELSE 2 * price::bigint END))
      || pg_temp.varint(buy) || pg_temp.varint(sell) || pg_temp.varint(unknown) || pg_temp.varint(trades),
    '' ORDER BY price) AS cells
  FROM above GROUP BY instrument_id, feed_id, time
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

CREATE OR REPLACE FUNCTION pg_temp.varints(bytes bytea) RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  numbers bigint[] := '{}';
  value bigint := 0;
  shift integer := 0;
  byte integer;
BEGIN
  FOR i IN 0 .. octet_length(bytes) - 1 LOOP
    byte := get_byte(bytes, i);
    value := value | ((byte & 127)::bigint << shift);
    shift := shift + 7;
    IF byte < 128 THEN
      numbers := numbers || value;
      value := 0;
      shift := 0;
    END IF;
  END LOOP;
  RETURN numbers;
END
$$;

INSERT INTO gehra.footprint_cells
SELECT time, instrument_id, feed_id, sum(CASE WHEN at > 1 THEN n[at] WHEN n[1] & 1 = 1 THEN -(n[1] + 1) / 2 ELSE n[1] / 2 END)
    OVER (PARTITION BY time, instrument_id, feed_id ORDER BY at),
  n[at + 1], n[at + 2], n[at + 3], n[at + 4]
FROM gehra.flow_minutes, pg_temp.varints(cells) AS n, generate_series(1, coalesce(array_length(n, 1), 0), 5) AS at;

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
