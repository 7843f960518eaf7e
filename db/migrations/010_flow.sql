-- What traded, as bars of a second and as footprint cells of a minute: kept up by the writers in the transactions that store
-- the ticks, so that each trade is in them exactly once. Coarser ones are sums of these (lib/orderflow/bars.ts, appendBar).
--
-- A row belongs to the feed whose ticks it was made of: two feeds of one instrument see the same trades.

-- Up Migration

DO $$
DECLARE
  partitioning text := CASE gehra.timescale_edition() WHEN 'plain' THEN 'PARTITION BY RANGE (time)' ELSE '' END;
BEGIN
  EXECUTE format($ddl$
    CREATE TABLE gehra.flow_bars (
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
      PRIMARY KEY (instrument_id, feed_id, time)
    ) %s $ddl$, partitioning);
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
END
$$;

COMMENT ON TABLE gehra.flow_bars IS 'one row a second in which an instrument traded; prices in price units, quantities in units';
COMMENT ON COLUMN gehra.flow_bars.unattributed IS 'traded across a gap, at a price nobody knows: in no other column';
COMMENT ON COLUMN gehra.flow_bars.min_delta IS 'lowest that buy - sell reached within the second, 0 included';
COMMENT ON COLUMN gehra.flow_bars.value IS 'sum of price * quantity, price units';
COMMENT ON COLUMN gehra.flow_bars.last_time IS 'stamp of the last trade in it';
COMMENT ON TABLE gehra.footprint_cells IS 'one row a minute and price at which an instrument traded';

-- The tables that are made of days, in one place for the two functions below.
CREATE FUNCTION gehra.daily_tables() RETURNS text[] LANGUAGE sql IMMUTABLE AS
  $$ SELECT ARRAY['depth_snapshots', 'ticks', 'flow_bars', 'footprint_cells'] $$;

CREATE OR REPLACE FUNCTION gehra.ensure_partitions(ahead integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  parent text;
  day date;
  name text;
BEGIN
  IF gehra.timescale_edition() <> 'plain' THEN RETURN; END IF;
  FOREACH parent IN ARRAY gehra.daily_tables() LOOP
    FOR day IN SELECT generate_series((now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + ahead, '1 day')::date LOOP
      name := parent || to_char(day, '_YYYYMMDD');
      CONTINUE WHEN to_regclass('gehra.' || name) IS NOT NULL;
      EXECUTE format('CREATE TABLE gehra.%I PARTITION OF gehra.%I FOR VALUES FROM (%L) TO (%L)',
        name, parent, (day::timestamp AT TIME ZONE 'UTC'), ((day + 1)::timestamp AT TIME ZONE 'UTC'));
    END LOOP;
  END LOOP;
END
$$;

DO $$
BEGIN
  IF gehra.timescale_edition() = 'plain' THEN
    CREATE TABLE gehra.flow_bars_default PARTITION OF gehra.flow_bars DEFAULT;
    CREATE TABLE gehra.footprint_cells_default PARTITION OF gehra.footprint_cells DEFAULT;
  ELSE
    PERFORM create_hypertable('gehra.flow_bars', 'time', chunk_time_interval => interval '1 day',
      create_default_indexes => false);
    PERFORM create_hypertable('gehra.footprint_cells', 'time', chunk_time_interval => interval '1 day',
      create_default_indexes => false);
  END IF;
  IF gehra.timescale_edition() = 'full' THEN
    ALTER TABLE gehra.flow_bars SET (timescaledb.compress,
      timescaledb.compress_segmentby = 'instrument_id, feed_id', timescaledb.compress_orderby = 'time');
    ALTER TABLE gehra.footprint_cells SET (timescaledb.compress,
      timescaledb.compress_segmentby = 'instrument_id, feed_id', timescaledb.compress_orderby = 'time, price');
    -- After rows of the day are no longer added to.
    PERFORM add_compression_policy('gehra.flow_bars', interval '2 days', if_not_exists => true);
    PERFORM add_compression_policy('gehra.footprint_cells', interval '2 days', if_not_exists => true);
  END IF;
END
$$;

SELECT gehra.ensure_partitions(2);

-- Down Migration

DROP TABLE gehra.flow_bars, gehra.footprint_cells;

CREATE OR REPLACE FUNCTION gehra.ensure_partitions(ahead integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  parent text;
  day date;
  name text;
BEGIN
  IF gehra.timescale_edition() <> 'plain' THEN RETURN; END IF;
  FOREACH parent IN ARRAY ARRAY['depth_snapshots', 'ticks'] LOOP
    FOR day IN SELECT generate_series((now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + ahead, '1 day')::date LOOP
      name := parent || to_char(day, '_YYYYMMDD');
      CONTINUE WHEN to_regclass('gehra.' || name) IS NOT NULL;
      EXECUTE format('CREATE TABLE gehra.%I PARTITION OF gehra.%I FOR VALUES FROM (%L) TO (%L)',
        name, parent, (day::timestamp AT TIME ZONE 'UTC'), ((day + 1)::timestamp AT TIME ZONE 'UTC'));
    END LOOP;
  END LOOP;
END
$$;

DROP FUNCTION gehra.daily_tables();
