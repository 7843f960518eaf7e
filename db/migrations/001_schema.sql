-- Gehra's own tables, in schema gehra. Append-only ledger: a released file is never edited, a change is a new file.
-- A migration runs in a transaction with its ledger row: nothing that cannot (CREATE INDEX CONCURRENTLY, VACUUM) may stand here.
--
-- Runs on plain PostgreSQL (market data in native partitions by UTC day), on TimescaleDB's Apache edition (hypertables) and
-- on its full edition (hypertables with columnstore compression), by looking at what the server has.
--
-- Units: prices are integers in the instrument's price unit (instruments.price_scale units in a rupee), quantities are
-- units and not lots, times are receive stamps. NULL: the feed did not say, or there was no base to compute from.

-- Up Migration

CREATE SCHEMA IF NOT EXISTS gehra;

-- The extension may be absent, not preloaded, or not ours to create: then tables are partitioned natively.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb') THEN
    CREATE EXTENSION IF NOT EXISTS timescaledb;
  END IF;
EXCEPTION WHEN OTHERS THEN
  RAISE NOTICE 'TimescaleDB is not used: %', SQLERRM;
END
$$;

-- 'plain', 'apache' or 'full': which of the three this database is.
CREATE FUNCTION gehra.timescale_edition() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN 'plain'
    WHEN current_setting('timescaledb.license', true) = 'timescale' THEN 'full'
    ELSE 'apache'
  END
$$;

-- Feed slots as lib/core/feeds.ts lists them, for joins; filled in after each migration.
CREATE TABLE gehra.feeds (
  feed_id smallint PRIMARY KEY,
  name    text NOT NULL UNIQUE,
  broker  text NOT NULL,
  kind    text NOT NULL,
  number  smallint NOT NULL
);

-- One row a contract or index, kept after its expiry. The broker's tokens are reused after expiry; ours never is.
CREATE TABLE gehra.instruments (
  instrument_id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  exchange         text NOT NULL,
  symbol           text NOT NULL,
  name             text NOT NULL,
  type             text NOT NULL CHECK (type IN ('EQ', 'FUT', 'CE', 'PE', 'INDEX')),
  expiry           date,
  strike           integer,
  price_scale      integer NOT NULL CHECK (price_scale > 0),
  tick_size        integer NOT NULL CHECK (tick_size > 0),
  lot_size         integer NOT NULL CHECK (lot_size > 0),
  kite_token       bigint,
  dhan_segment     text,
  dhan_security_id bigint,
  first_seen       timestamptz NOT NULL DEFAULT now(),
  last_seen        timestamptz NOT NULL DEFAULT now(),
  UNIQUE (exchange, symbol)
);
CREATE INDEX instruments_dhan ON gehra.instruments (dhan_security_id, dhan_segment);

-- Which feeds an instrument is given by now: the planner's answer, newest state only.
CREATE TABLE gehra.subscriptions (
  instrument_id integer NOT NULL REFERENCES gehra.instruments,
  feed_id       smallint NOT NULL,
  since         timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (instrument_id, feed_id)
);

-- Stamp (µs since the epoch) up to which the database holds everything of a feed. Moves in the transaction that carries
-- the rows, and only from the value that the writer knew: two writers of one feed cannot both commit.
CREATE TABLE gehra.feed_positions (
  feed_id    smallint PRIMARY KEY,
  position   bigint NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Intervals of which a feed knows nothing. from_time: its last frame before; to_time: its first after, NULL while open.
-- instrument_ids: those that the feed was to give.
CREATE TABLE gehra.feed_gaps (
  feed_id        smallint NOT NULL,
  from_time      timestamptz NOT NULL,
  to_time        timestamptz,
  cause          text NOT NULL,
  instrument_ids integer[] NOT NULL,
  PRIMARY KEY (feed_id, from_time)
);
CREATE INDEX feed_gaps_instruments ON gehra.feed_gaps USING gin (instrument_ids);

-- What could not be stored, with its bytes and the reason. stage: 'wire' (a packet no broker can mean), 'entry' (an entry
-- of a stream that cannot be read), 'row' (the database refused it, or a number does not fit its column).
CREATE TABLE gehra.quarantine (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  time       timestamptz NOT NULL,
  feed_id    smallint NOT NULL,
  n          integer NOT NULL,
  stage      text NOT NULL CHECK (stage IN ('wire', 'entry', 'row')),
  reason     text NOT NULL,
  detail     text NOT NULL,
  bytes      bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX quarantine_time ON gehra.quarantine (time);

-- One row per side and frame. The key names a frame's side (instrument_id, side, feed_id, time, n); book_time follows from
-- them, and standing third it makes the one index that also finds books by instrument, side and time.
-- side: 0 bid, 1 ask. flags: FRAME_FLAG of lib/core/side.ts. Arrays are best level first.
DO $$
DECLARE
  partitioning text := CASE gehra.timescale_edition() WHEN 'plain' THEN 'PARTITION BY RANGE (book_time)' ELSE '' END;
BEGIN
  EXECUTE format($ddl$
    CREATE TABLE gehra.depth_snapshots (
      book_time     timestamptz NOT NULL,
      time          timestamptz NOT NULL,
      instrument_id integer NOT NULL,
      feed_id       smallint NOT NULL,
      side          smallint NOT NULL,
      n             smallint NOT NULL,
      flags         smallint NOT NULL,
      prices        integer[] NOT NULL,
      quantities    integer[] NOT NULL,
      orders        integer[] NOT NULL,
      PRIMARY KEY (instrument_id, side, book_time, feed_id, time, n)
    ) %s $ddl$, partitioning);
  EXECUTE format($ddl$
    CREATE TABLE gehra.ticks (
      time                  timestamptz NOT NULL,
      instrument_id         integer NOT NULL,
      feed_id               smallint NOT NULL,
      n                     smallint NOT NULL,
      mode                  smallint NOT NULL,
      aggressor             smallint NOT NULL,
      aggressor_confidence  smallint NOT NULL,
      last_price            integer,
      average_price         integer,
      open                  integer,
      high                  integer,
      low                   integer,
      close                 integer,
      spread                integer,
      price_delta           integer,
      last_quantity         bigint,
      volume                bigint,
      buy_quantity          bigint,
      sell_quantity         bigint,
      oi                    bigint,
      oi_day_high           bigint,
      oi_day_low            bigint,
      bid_depth             bigint,
      ask_depth             bigint,
      volume_delta          bigint,
      volume_unattributed   bigint,
      oi_delta              bigint,
      buy_quantity_delta    bigint,
      sell_quantity_delta   bigint,
      signed_volume         bigint,
      mid                   double precision,
      spread_over_last      double precision,
      imbalance             double precision,
      last_trade_time       timestamptz,
      exchange_time         timestamptz,
      bid_prices            integer[],
      bid_quantities        bigint[],
      bid_orders            integer[],
      ask_prices            integer[],
      ask_quantities        bigint[],
      ask_orders            integer[],
      PRIMARY KEY (instrument_id, feed_id, time, n)
    ) %s $ddl$, replace(partitioning, 'book_time', 'time'));
END
$$;

-- Arrays stay in the row as they are: 200 levels take 2.5 kB, which always fits a page. Measured on 18.4 against the default
-- (compressed by pglz beyond 2 kB): less than half the server's CPU a row stored, a fifth of the time to read, 1.6 times the
-- disk. TimescaleDB's columnstore and the sealed journal are where depth is kept small.
ALTER TABLE gehra.depth_snapshots
  ALTER prices SET STORAGE PLAIN, ALTER quantities SET STORAGE PLAIN, ALTER orders SET STORAGE PLAIN;

COMMENT ON COLUMN gehra.ticks.mode IS '1 ltp, 2 quote, 3 full, 4 index, 5 open interest, 6 previous close (lib/orderflow/tick.ts)';
COMMENT ON COLUMN gehra.ticks.aggressor IS '0 unknown, 1 buy, 2 sell';
COMMENT ON COLUMN gehra.ticks.aggressor_confidence IS '3 at or through the touch, 2 inside the spread, 1 tick test, 0 unknown';
COMMENT ON COLUMN gehra.ticks.volume_delta IS 'traded since the instrument''s tick before; NULL at the first and after a gap';
COMMENT ON COLUMN gehra.ticks.volume_unattributed IS 'traded across a gap: never bought, never sold';
COMMENT ON COLUMN gehra.ticks.imbalance IS '(bid_depth - ask_depth) / (bid_depth + ask_depth) over the tick''s levels';

-- Native partitions by UTC day, from yesterday to `ahead` days on; what lies outside goes to the default partition.
-- Does nothing on TimescaleDB, which makes its chunks by itself. Called at every start and by a daily job.
CREATE FUNCTION gehra.ensure_partitions(ahead integer) RETURNS void LANGUAGE plpgsql AS $$
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

-- Drops what is older than `keep`: whole partitions or chunks, so it costs nothing however much it is.
CREATE FUNCTION gehra.drop_before(relation regclass, keep interval) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  child regclass;
  ends timestamptz;
  dropped integer := 0;
BEGIN
  IF gehra.timescale_edition() <> 'plain' THEN
    EXECUTE format('SELECT count(*) FROM drop_chunks(%L, older_than => %L::interval)', relation, keep) INTO dropped;
    RETURN dropped;
  END IF;
  FOR child, ends IN
    SELECT inhrelid::regclass, (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''([^'']+)''\)'))[1]::timestamptz
    FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
    WHERE inhparent = relation
  LOOP
    -- The default partition has no end.
    CONTINUE WHEN ends IS NULL OR ends > now() - keep;
    EXECUTE format('DROP TABLE %s', child);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END
$$;

DO $$
BEGIN
  IF gehra.timescale_edition() = 'plain' THEN
    CREATE TABLE gehra.depth_snapshots_default PARTITION OF gehra.depth_snapshots DEFAULT;
    CREATE TABLE gehra.ticks_default PARTITION OF gehra.ticks DEFAULT;
  ELSE
    PERFORM create_hypertable('gehra.depth_snapshots', 'book_time', chunk_time_interval => interval '1 day',
      create_default_indexes => false);
    PERFORM create_hypertable('gehra.ticks', 'time', chunk_time_interval => interval '1 day',
      create_default_indexes => false);
  END IF;
  IF gehra.timescale_edition() = 'full' THEN
    -- Measured on 2.29: 4.3 kB a two-sided 200-level book hot, 0.55 kB in the columnstore with these orders.
    ALTER TABLE gehra.depth_snapshots SET (timescaledb.compress,
      timescaledb.compress_segmentby = 'instrument_id, side, feed_id', timescaledb.compress_orderby = 'book_time, time, n');
    ALTER TABLE gehra.ticks SET (timescaledb.compress,
      timescaledb.compress_segmentby = 'instrument_id, feed_id', timescaledb.compress_orderby = 'time, n');
    PERFORM add_compression_policy('gehra.depth_snapshots', interval '2 days', if_not_exists => true);
    PERFORM add_compression_policy('gehra.ticks', interval '7 days', if_not_exists => true);
  END IF;
END
$$;

SELECT gehra.ensure_partitions(2);

-- Checksum of one side frame, as lib/core/checksum.ts computes it: its sum over frames is what the simulated exchange says
-- that it sent.
CREATE FUNCTION gehra.depth_checksum(prices integer[], quantities integer[], orders integer[])
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (cardinality(prices) + coalesce(sum((residue * residue % 67108859) * level), 0)::bigint) % 67108859
  FROM (
    SELECT level, (
        price::bigint % 67108859 * 16807943 % 67108859
      + quantity::bigint % 67108859 * 31415911 % 67108859
      + orders_of_level) % 67108859 AS residue
    FROM unnest(prices, quantities, orders) WITH ORDINALITY AS l (price, quantity, orders_of_level, level)
  ) AS levels
$$;

-- The same for a list of numbers (a tick's), in their order.
CREATE FUNCTION gehra.numbers_checksum(numbers bigint[]) RETURNS bigint LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  hash bigint := cardinality(numbers);
  number bigint;
BEGIN
  FOREACH number IN ARRAY numbers LOOP
    hash := (hash * 40692017 % 67108859 + (number % 67108859 + 67108859) % 67108859) % 67108859;
  END LOOP;
  RETURN hash;
END
$$;

-- Checksum of one Kite tick: its numbers in the order of the packet, 0 where the packet has 0 (simulator/kite-packets.ts).
CREATE FUNCTION gehra.tick_checksum(tick gehra.ticks) RETURNS bigint LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  quote bigint[] := ARRAY[tick.last_price, tick.last_quantity, tick.average_price, tick.volume, tick.buy_quantity,
    tick.sell_quantity, tick.open, tick.high, tick.low, tick.close];
  numbers bigint[];
BEGIN
  numbers := CASE tick.mode
    WHEN 1 THEN ARRAY[tick.last_price]
    WHEN 2 THEN quote
    WHEN 4 THEN ARRAY[tick.last_price, tick.open, tick.high, tick.low, tick.close]
      || CASE WHEN tick.exchange_time IS NULL THEN '{}'::bigint[] ELSE ARRAY[extract(epoch FROM tick.exchange_time)::bigint] END
    WHEN 3 THEN quote || ARRAY[extract(epoch FROM tick.last_trade_time)::bigint, tick.oi, tick.oi_day_high, tick.oi_day_low,
      extract(epoch FROM tick.exchange_time)::bigint]
      || (SELECT array_agg(number ORDER BY level, place) FROM generate_series(1, 5) AS level,
            LATERAL (VALUES (1, tick.bid_prices[level]::bigint), (2, tick.bid_quantities[level]), (3, tick.bid_orders[level]::bigint))
              AS entry (place, number))
      || (SELECT array_agg(number ORDER BY level, place) FROM generate_series(1, 5) AS level,
            LATERAL (VALUES (1, tick.ask_prices[level]::bigint), (2, tick.ask_quantities[level]), (3, tick.ask_orders[level]::bigint))
              AS entry (place, number))
  END;
  RETURN gehra.numbers_checksum((SELECT array_agg(coalesce(number, 0) ORDER BY place)
    FROM unnest(numbers) WITH ORDINALITY AS n (number, place)));
END
$$;

-- Down Migration

DROP SCHEMA gehra CASCADE;
