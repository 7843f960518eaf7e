-- For people who come from the predecessor: the rest of its names, as views and functions in public; what ./gehra import --from has
-- brought from a database of its own; and which stretch of the past somebody reads, so that retention leaves it.

-- Up Migration

-- Whatever it is, view or table: those here are of another system.
DO $$
DECLARE
  found text;
BEGIN
  SELECT string_agg('public.' || c.relname, ', ' ORDER BY c.relname) INTO found
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'public' AND c.relname IN ('ticks', 'ticks_1min', 'ticks_5min', 'ingestion_stats', 'latest_depth_snapshot',
    'depth_200_snapshots');
  IF found IS NOT NULL THEN
    RAISE EXCEPTION 'this database holds % of another system', found
      USING HINT = 'Give Gehra a database of its own, and bring the old data over with ./gehra import --from DATABASE_URL.';
  END IF;
END
$$;

-- A predecessor's database that was brought over, whole or in part: a feed of its own (gehra.feeds, kind 'import', broker
-- 'predecessor'), whose rows are of all its instruments.
CREATE TABLE gehra.moved_databases (
  feed_id     smallint PRIMARY KEY CHECK (feed_id >= 1001),
  -- host:port/name. Who went there, and with which password, stands nowhere.
  source      text NOT NULL UNIQUE,
  begun_at    timestamptz NOT NULL DEFAULT now(),
  -- NULL until all of it is in.
  finished_at timestamptz
);
COMMENT ON TABLE gehra.moved_databases IS 'databases of the predecessor that ./gehra import --from has brought over (docs/MOVING_IN.md)';

-- One row a day and table that is wholly in: whoever goes on begins with the others.
CREATE TABLE gehra.moved_days (
  feed_id       smallint NOT NULL REFERENCES gehra.moved_databases ON DELETE CASCADE,
  table_name    text NOT NULL,
  -- In IST.
  day           date NOT NULL,
  source_rows   bigint NOT NULL,
  -- Of those, the ones that stand here now: for depth its levels.
  stored_rows   bigint NOT NULL,
  -- Of the others how many, by reason.
  left_out      jsonb NOT NULL,
  -- What was added to the source's times, minutes: some of its days are off by 5 h 30 min.
  shift_minutes smallint NOT NULL,
  moved_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (feed_id, table_name, day)
);
COMMENT ON TABLE gehra.moved_days IS 'rows of each day and table of a predecessor''s database, counted there and here';

-- Sums over books of which it kept no levels.
CREATE TABLE gehra.moved_summaries (
  feed_id            smallint NOT NULL REFERENCES gehra.moved_databases ON DELETE CASCADE,
  time               timestamptz NOT NULL,
  security_id        integer NOT NULL,
  -- Several rows of one time are told apart by their order there.
  n                  integer NOT NULL,
  instrument_name    text,
  best_bid           numeric(12,2),
  best_ask           numeric(12,2),
  spread             numeric(12,2),
  total_bid_qty      bigint,
  total_ask_qty      bigint,
  total_bid_orders   bigint,
  total_ask_orders   bigint,
  imbalance_ratio    numeric(12,4),
  avg_bid_order_size numeric(12,2),
  avg_ask_order_size numeric(12,2),
  bid_vwap           numeric(12,2),
  ask_vwap           numeric(12,2),
  bid_50pct_level    integer,
  ask_50pct_level    integer,
  PRIMARY KEY (security_id, time, feed_id, n)
);
COMMENT ON TABLE gehra.moved_summaries IS 'depth_200_snapshots of a predecessor''s database of days of which it had no levels, as they were';

-- Its signals, as it found them: by its rules, which measured pressure by the number of books.
CREATE TABLE gehra.moved_signals (
  feed_id       smallint NOT NULL REFERENCES gehra.moved_databases ON DELETE CASCADE,
  time          timestamptz NOT NULL,
  security_id   integer NOT NULL,
  -- As in moved_summaries.
  n             integer NOT NULL,
  current_price numeric(12,2),
  key_levels    jsonb,
  pressure_30s  numeric(5,3),
  pressure_60s  numeric(5,3),
  pressure_120s numeric(5,3),
  market_state  text,
  PRIMARY KEY (security_id, time, feed_id, n)
);
COMMENT ON TABLE gehra.moved_signals IS 'depth_signals of a predecessor''s database; its absorptions, which never fired, are not among them';

-- Who reads a stretch of the past and is not written down elsewhere (exports and backtests are): replays, which tell it again and again.
CREATE TABLE gehra.data_readers (
  reader      text PRIMARY KEY,
  -- Its first row.
  from_time   timestamptz NOT NULL,
  -- It has gone, if it says nothing until then.
  valid_until timestamptz NOT NULL
);
COMMENT ON TABLE gehra.data_readers IS 'replays under way: retention leaves what they read';

-- Partitions for a day that is over, for rows that are brought in or back: in the default partition nothing would ever drop them.
-- Where that has rows of the day already they stay there.
CREATE FUNCTION gehra.ensure_day(day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  parent text;
  name text;
BEGIN
  IF gehra.timescale_edition() <> 'plain' THEN RETURN; END IF;
  FOREACH parent IN ARRAY gehra.daily_tables() LOOP
    name := parent || to_char(day, '_YYYYMMDD');
    CONTINUE WHEN to_regclass('gehra.' || name) IS NOT NULL;
    BEGIN
      EXECUTE format('CREATE TABLE gehra.%I PARTITION OF gehra.%I FOR VALUES FROM (%L) TO (%L)',
        name, parent, (day::timestamp AT TIME ZONE 'UTC'), ((day + 1)::timestamp AT TIME ZONE 'UTC'));
    EXCEPTION WHEN check_violation THEN
      RAISE NOTICE '% has rows of % in its default partition', parent, day;
    END;
  END LOOP;
END
$$;
COMMENT ON FUNCTION gehra.ensure_day(date) IS 'partitions for a UTC day that is over; nothing on TimescaleDB';

-- The predecessor's token of an instrument, by which its scripts ask.
CREATE INDEX instruments_token ON gehra.instruments ((coalesce(kite_token, -instrument_id)::integer));

-- One row a tick, in rupees. Of an instrument that both brokers gave on a day it has Kite's; what a broker sends between ticks (open
-- interest alone, yesterday's close) is not in it.
CREATE VIEW public.ticks AS
SELECT
  tick.time                                                            AS time,
  tick.last_trade_time                                                 AS last_trade_time,
  coalesce(instrument.kite_token, -instrument.instrument_id)::integer  AS instrument_token,
  instrument.symbol                                                    AS trading_symbol,
  CASE WHEN instrument.exchange <> 'INDICES' THEN instrument.exchange
       WHEN instrument.symbol ~ '^(SENSEX|BANKEX|BSE|SNSX|SNXT)' THEN 'BSE' ELSE 'NSE' END AS exchange,
  CASE instrument.type WHEN 'INDEX' THEN 'EQ' ELSE instrument.type END AS instrument_type,
  (tick.last_price::numeric / instrument.price_scale)::numeric(12,2)   AS last_price,
  tick.last_quantity                                                   AS last_traded_quantity,
  (tick.average_price::numeric / instrument.price_scale)::numeric(12,2) AS average_traded_price,
  tick.volume                                                          AS volume_traded,
  tick.oi                                                              AS oi,
  tick.oi_day_high                                                     AS oi_day_high,
  tick.oi_day_low                                                      AS oi_day_low,
  (tick.open::numeric / instrument.price_scale)::numeric(12,2)         AS day_open,
  (tick.high::numeric / instrument.price_scale)::numeric(12,2)         AS day_high,
  (tick.low::numeric / instrument.price_scale)::numeric(12,2)          AS day_low,
  (tick.close::numeric / instrument.price_scale)::numeric(12,2)        AS day_close,
  ((tick.last_price - tick.close)::numeric / instrument.price_scale)::numeric(12,2) AS change,
  (100.0 * (tick.last_price - tick.close) / nullif(tick.close, 0))::numeric(10,4)   AS change_percent,
  tick.buy_quantity                                                    AS total_buy_quantity,
  tick.sell_quantity                                                   AS total_sell_quantity,
  (SELECT array_agg((price::numeric / instrument.price_scale)::numeric(12,2) ORDER BY place)
   FROM unnest(tick.bid_prices) WITH ORDINALITY AS level (price, place)) AS bid_prices,
  tick.bid_quantities                                                  AS bid_quantities,
  tick.bid_orders                                                      AS bid_orders,
  (SELECT array_agg((price::numeric / instrument.price_scale)::numeric(12,2) ORDER BY place)
   FROM unnest(tick.ask_prices) WITH ORDINALITY AS level (price, place)) AS ask_prices,
  tick.ask_quantities                                                  AS ask_quantities,
  tick.ask_orders                                                      AS ask_orders,
  instrument.type <> 'INDEX'                                           AS tradable,
  CASE tick.mode WHEN 1 THEN 'ltp' WHEN 3 THEN 'full' WHEN 4 THEN CASE WHEN tick.exchange_time IS NULL THEN 'quote' ELSE 'full' END
    ELSE 'quote' END                                                   AS mode,
  tick.volume_delta                                                    AS volume_delta,
  tick.oi_delta                                                        AS oi_delta,
  (tick.price_delta::numeric / instrument.price_scale)::numeric(12,2)  AS price_delta,
  tick.buy_quantity_delta                                              AS buy_quantity_delta,
  tick.sell_quantity_delta                                             AS sell_quantity_delta,
  CASE tick.aggressor WHEN 1 THEN 'BUY' WHEN 2 THEN 'SELL' ELSE 'NEUTRAL' END AS aggressor_side,
  tick.signed_volume                                                   AS cvd_change,
  (coalesce(tick.mid, tick.last_price)::numeric / instrument.price_scale)::numeric(14,4) AS mid_price_calc,
  tick.bid_depth                                                       AS bid_depth_total,
  tick.ask_depth                                                       AS ask_depth_total,
  CASE WHEN tick.bid_depth IS NULL THEN NULL
       ELSE coalesce(tick.bid_depth::numeric / nullif(tick.ask_depth, 0), 0)::numeric(14,4) END AS depth_imbalance_ratio,
  tick.buy_quantity - tick.sell_quantity                               AS order_imbalance,
  (tick.spread::numeric / instrument.price_scale)::numeric(12,2)       AS bid_ask_spread,
  (tick.mid::numeric / instrument.price_scale)::numeric(14,4)          AS mid_price,
  rate.consumption                                                     AS consumption_rate,
  rate.intensity                                                       AS flow_intensity,
  1 / (1 + rate.consumption)                                           AS depth_toxicity_tick,
  rate.intensity / (1 + rate.consumption)                              AS kyle_lambda_tick,
  tick.imbalance                                                       AS imbalance,
  10000 * coalesce(tick.spread_over_last, tick.spread / nullif(tick.mid, 0)) AS spread_bps
FROM gehra.ticks AS tick
JOIN gehra.feeds AS feed ON feed.feed_id = tick.feed_id AND (feed.kind IN ('ticks', 'live') OR feed.broker = 'predecessor')
JOIN gehra.instruments AS instrument ON instrument.instrument_id = tick.instrument_id
CROSS JOIN LATERAL (SELECT
  (tick.bid_depth + tick.ask_depth)::numeric / nullif(tick.volume_delta, 0) AS consumption,
  CASE WHEN abs(tick.price_delta) * 100 > instrument.price_scale
       THEN abs(tick.price_delta)::numeric / instrument.price_scale / nullif(tick.volume_delta, 0)
       WHEN tick.price_delta IS NOT NULL AND tick.volume_delta > 0 THEN 0 END AS intensity) AS rate
WHERE tick.mode NOT IN (5, 6) AND (feed.kind <> 'live' OR NOT EXISTS (
  SELECT FROM gehra.ticks AS kite JOIN gehra.feeds AS of_kite ON of_kite.feed_id = kite.feed_id AND of_kite.kind = 'ticks'
  WHERE kite.instrument_id = tick.instrument_id
    AND kite.time >= date_trunc('day', tick.time, 'UTC') AND kite.time < date_trunc('day', tick.time, 'UTC') + interval '1 day'));

COMMENT ON VIEW public.ticks IS 'the predecessor''s ticks (docs/MOVING_IN.md): prices in rupees, quantities in units. Of an instrument that both brokers gave on a day: Kite''s';
COMMENT ON COLUMN public.ticks.change IS 'against the close of the session before, rupees whichever broker';
COMMENT ON COLUMN public.ticks.volume_delta IS 'traded since the instrument''s tick before; NULL at the first and after a gap, where nobody knows';
COMMENT ON COLUMN public.ticks.aggressor_side IS 'at or beyond the touch, inside the spread or by the tick test, against the quote before; else NEUTRAL';
COMMENT ON COLUMN public.ticks.cvd_change IS '+volume_delta bought, -volume_delta sold, 0 where it is NEUTRAL';
COMMENT ON COLUMN public.ticks.depth_imbalance_ratio IS 'bid quantity / ask quantity over the tick''s levels; 0 where there is no ask';
COMMENT ON COLUMN public.ticks.order_imbalance IS 'total_buy_quantity - total_sell_quantity';
COMMENT ON COLUMN public.ticks.consumption_rate IS '(bid_depth_total + ask_depth_total) / volume_delta; NULL where nothing traded';
COMMENT ON COLUMN public.ticks.flow_intensity IS 'abs(price_delta) / volume_delta where the move is above 0.01, else 0; not rounded';
COMMENT ON COLUMN public.ticks.depth_toxicity_tick IS '1 / (1 + consumption_rate): high where much of the book was consumed; NULL where nothing traded';
COMMENT ON COLUMN public.ticks.kyle_lambda_tick IS 'flow_intensity * depth_toxicity_tick: not the slope of a regression, which is Kyle''s';
COMMENT ON COLUMN public.ticks.imbalance IS '(bid - ask) / (bid + ask) of the quantities over the tick''s levels';
COMMENT ON COLUMN public.ticks.spread_bps IS '10,000 * spread / last price, or mid where there is none';

-- A minute in which nothing traded has no row. What needs the ticks themselves is computed where it is asked for.
-- Bars are kept for longer than ticks: which broker's count is asked of the bars.
CREATE VIEW public.ticks_1min AS
SELECT
  minute.time                                                          AS bucket,
  coalesce(instrument.kite_token, -instrument.instrument_id)::integer  AS instrument_token,
  instrument.symbol                                                    AS trading_symbol,
  (minute.open::numeric / instrument.price_scale)::numeric(12,2)       AS open,
  (minute.high::numeric / instrument.price_scale)::numeric(12,2)       AS high,
  (minute.low::numeric / instrument.price_scale)::numeric(12,2)        AS low,
  (minute.close::numeric / instrument.price_scale)::numeric(12,2)      AS close,
  minute.buy + minute.sell + minute.unknown + minute.unattributed      AS volume,
  minute.oi                                                            AS oi,
  (SELECT avg(tick.spread) / instrument.price_scale FROM gehra.ticks AS tick
   WHERE tick.instrument_id = minute.instrument_id AND tick.feed_id = minute.feed_id
     AND tick.time >= minute.time AND tick.time < minute.time + interval '1 minute')::numeric(12,4) AS avg_spread,
  (SELECT avg(tick.buy_quantity - tick.sell_quantity) FROM gehra.ticks AS tick
   WHERE tick.instrument_id = minute.instrument_id AND tick.feed_id = minute.feed_id
     AND tick.time >= minute.time AND tick.time < minute.time + interval '1 minute') AS avg_imbalance,
  (SELECT count(*) FROM gehra.ticks AS tick
   WHERE tick.instrument_id = minute.instrument_id AND tick.feed_id = minute.feed_id AND tick.mode NOT IN (5, 6)
     AND tick.time >= minute.time AND tick.time < minute.time + interval '1 minute') AS tick_count
FROM gehra.flow_minutes AS minute
JOIN gehra.feeds AS feed ON feed.feed_id = minute.feed_id AND (feed.kind IN ('ticks', 'live') OR feed.broker = 'predecessor')
JOIN gehra.instruments AS instrument ON instrument.instrument_id = minute.instrument_id
WHERE feed.kind <> 'live' OR NOT EXISTS (
  SELECT FROM gehra.flow_minutes AS kite JOIN gehra.feeds AS of_kite ON of_kite.feed_id = kite.feed_id AND of_kite.kind = 'ticks'
  WHERE kite.instrument_id = minute.instrument_id
    AND kite.time >= date_trunc('day', minute.time, 'UTC') AND kite.time < date_trunc('day', minute.time, 'UTC') + interval '1 day');

COMMENT ON VIEW public.ticks_1min IS 'bars of a minute in which something traded, rupees and units';
COMMENT ON COLUMN public.ticks_1min.volume IS 'what the day''s volume grew by; last traded quantities are no volume';
COMMENT ON COLUMN public.ticks_1min.avg_imbalance IS 'mean of order_imbalance over the ticks of the minute';

CREATE VIEW public.ticks_5min AS
SELECT
  date_bin('5 minutes', bucket, '2000-01-01 00:00:00+00')              AS bucket,
  instrument_token,
  trading_symbol,
  (array_agg(open ORDER BY bucket) FILTER (WHERE open IS NOT NULL))[1] AS open,
  max(high)                                                            AS high,
  min(low)                                                             AS low,
  (array_agg(close ORDER BY bucket DESC) FILTER (WHERE close IS NOT NULL))[1] AS close,
  sum(volume)::bigint                                                  AS volume,
  (array_agg(oi ORDER BY bucket DESC) FILTER (WHERE oi IS NOT NULL))[1] AS oi,
  (sum(avg_spread * tick_count) / nullif(sum(tick_count) FILTER (WHERE avg_spread IS NOT NULL), 0))::numeric(12,4) AS avg_spread,
  sum(avg_imbalance * tick_count) / nullif(sum(tick_count) FILTER (WHERE avg_imbalance IS NOT NULL), 0) AS avg_imbalance,
  sum(tick_count)::bigint                                              AS tick_count
FROM public.ticks_1min
GROUP BY date_bin('5 minutes', bucket, '2000-01-01 00:00:00+00'), instrument_token, trading_symbol;

COMMENT ON VIEW public.ticks_5min IS 'five minutes of ticks_1min; a minute in which nothing traded counts for nothing';

CREATE VIEW public.ingestion_stats AS
SELECT
  date_trunc('minute', time)       AS minute,
  count(*)                         AS tick_count,
  count(DISTINCT instrument_token) AS unique_instruments,
  avg(bid_ask_spread)              AS avg_spread,
  max(time)                        AS latest_tick_time
FROM public.ticks
WHERE time > now() - interval '1 hour'
GROUP BY date_trunc('minute', time)
ORDER BY date_trunc('minute', time) DESC;

COMMENT ON VIEW public.ingestion_stats IS 'ticks of the last hour, by minute';

CREATE FUNCTION public.get_latest_tick(p_instrument_token integer)
RETURNS TABLE ("time" timestamptz, last_price numeric, volume_traded bigint, oi bigint, bid_price numeric, ask_price numeric, spread numeric)
LANGUAGE sql STABLE AS $$
  SELECT newest.time,
    (newest.last_price::numeric / instrument.price_scale)::numeric(12,2),
    newest.volume, newest.oi,
    (newest.bid_prices[1]::numeric / instrument.price_scale)::numeric(12,2),
    (newest.ask_prices[1]::numeric / instrument.price_scale)::numeric(12,2),
    (newest.spread::numeric / instrument.price_scale)::numeric(12,2)
  FROM gehra.instruments AS instrument
  CROSS JOIN gehra.feeds AS feed
  CROSS JOIN LATERAL (SELECT * FROM gehra.ticks AS tick
    WHERE tick.instrument_id = instrument.instrument_id AND tick.feed_id = feed.feed_id AND tick.mode NOT IN (5, 6)
    ORDER BY tick.time DESC, tick.n DESC LIMIT 1) AS newest
  WHERE coalesce(instrument.kite_token, -instrument.instrument_id)::integer = p_instrument_token
    AND (feed.kind IN ('ticks', 'live') OR feed.broker = 'predecessor')
  ORDER BY newest.time DESC LIMIT 1
$$;
COMMENT ON FUNCTION public.get_latest_tick(integer) IS 'newest tick of an instrument, whichever feed has it; no row where there is none';

CREATE FUNCTION public.calculate_vwap(p_instrument_token integer, p_start_time timestamptz, p_end_time timestamptz)
RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT (sum(tick.last_price * tick.volume_delta) / nullif(sum(tick.volume_delta), 0))::numeric(14,4)
  FROM public.ticks AS tick
  WHERE tick.instrument_token = p_instrument_token AND tick.time BETWEEN p_start_time AND p_end_time AND tick.volume_delta > 0
$$;
COMMENT ON FUNCTION public.calculate_vwap(integer, timestamptz, timestamptz) IS 'mean price by volume_delta, both ends included; NULL where nothing traded: 0 would be a price that nobody paid';

-- As before, and what was brought over.
CREATE OR REPLACE VIEW public.depth_levels_200 AS
SELECT
  depth.book_time                                                AS time,
  instrument.dhan_security_id::integer                           AS security_id,
  instrument.symbol                                              AS instrument_name,
  side.word                                                      AS side,
  level.number::integer                                          AS level_num,
  (level.price::numeric / instrument.price_scale)::numeric(12,2) AS price,
  level.quantity                                                 AS quantity,
  level.orders                                                   AS orders,
  instrument.dhan_segment                                        AS exchange_segment
FROM gehra.depth_snapshots AS depth
JOIN gehra.feeds AS feed ON feed.feed_id = depth.feed_id AND (feed.kind = 'depth200' OR feed.broker = 'predecessor')
JOIN gehra.instruments AS instrument ON instrument.instrument_id = depth.instrument_id
JOIN (VALUES (0::smallint, 'BID'), (1::smallint, 'ASK')) AS side (number, word) ON side.number = depth.side
CROSS JOIN LATERAL unnest(depth.prices, depth.quantities, depth.orders) WITH ORDINALITY
  AS level (price, quantity, orders, number);
COMMENT ON VIEW public.depth_levels_200 IS 'one row a level of each book, rupees and units; both sides of a book share one time';

-- The newest book of each security that has both sides; the predecessor's had one of them all.
CREATE VIEW public.latest_depth_snapshot AS
SELECT
  newest.book_time                                               AS time,
  instrument.dhan_security_id::integer                           AS security_id,
  side.word                                                      AS side,
  level.number::integer                                          AS level_num,
  (level.price::numeric / instrument.price_scale)::numeric(12,2) AS price,
  level.quantity                                                 AS quantity,
  level.orders                                                   AS orders,
  instrument.symbol                                              AS instrument_name
FROM gehra.instruments AS instrument
CROSS JOIN LATERAL (
  SELECT last.book_time, last.feed_id
  FROM gehra.feeds AS feed
  CROSS JOIN LATERAL (SELECT bid.book_time, bid.feed_id FROM gehra.depth_snapshots AS bid
    WHERE bid.instrument_id = instrument.instrument_id AND bid.side = 0 AND bid.feed_id = feed.feed_id
      AND EXISTS (SELECT FROM gehra.depth_snapshots AS ask WHERE ask.instrument_id = bid.instrument_id AND ask.side = 1
        AND ask.book_time = bid.book_time AND ask.feed_id = bid.feed_id)
    ORDER BY bid.book_time DESC LIMIT 1) AS last
  WHERE feed.kind = 'depth200' OR feed.broker = 'predecessor'
  ORDER BY last.book_time DESC LIMIT 1) AS newest
JOIN gehra.depth_snapshots AS depth ON depth.instrument_id = instrument.instrument_id AND depth.book_time = newest.book_time
  AND depth.feed_id = newest.feed_id
JOIN (VALUES (0::smallint, 'BID'), (1::smallint, 'ASK')) AS side (number, word) ON side.number = depth.side
CROSS JOIN LATERAL unnest(depth.prices, depth.quantities, depth.orders) WITH ORDINALITY
  AS level (price, quantity, orders, number)
WHERE instrument.dhan_security_id IS NOT NULL AND instrument.first_recorded IS NOT NULL
ORDER BY security_id, side DESC, level_num;
COMMENT ON VIEW public.latest_depth_snapshot IS 'newest whole book of each security';

-- Of one side of a book: sums, and the level at which the running quantity reaches half.
CREATE FUNCTION gehra.side_sums(prices integer[], quantities integer[], orders integer[],
  OUT quantity bigint, OUT order_count bigint, OUT vwap numeric, OUT half_level integer) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(max(total), 0)::bigint, coalesce(sum(level_orders), 0)::bigint, sum(price::numeric * level_quantity) / nullif(max(total), 0),
    min(place) FILTER (WHERE 2 * running >= total)::integer
  FROM (
    SELECT price, level_quantity, level_orders, place, sum(level_quantity::bigint) OVER () AS total,
      sum(level_quantity::bigint) OVER (ORDER BY place) AS running
    FROM unnest(prices, quantities, orders) WITH ORDINALITY AS level (price, level_quantity, level_orders, place)) AS levels
$$;

CREATE VIEW public.depth_200_snapshots AS
SELECT
  bid.book_time                                                                AS timestamp,
  instrument.dhan_security_id::integer                                         AS security_id,
  instrument.symbol                                                            AS instrument_name,
  (bid.prices[1]::numeric / instrument.price_scale)::numeric(12,2)             AS best_bid,
  (ask.prices[1]::numeric / instrument.price_scale)::numeric(12,2)             AS best_ask,
  ((ask.prices[1] - bid.prices[1])::numeric / instrument.price_scale)::numeric(12,2) AS spread,
  bids.quantity                                                                AS total_bid_qty,
  asks.quantity                                                                AS total_ask_qty,
  bids.order_count                                                             AS total_bid_orders,
  asks.order_count                                                             AS total_ask_orders,
  (bids.quantity::numeric / nullif(asks.quantity, 0))::numeric(12,4)           AS imbalance_ratio,
  (bids.quantity::numeric / nullif(bids.order_count, 0))::numeric(12,2)        AS avg_bid_order_size,
  (asks.quantity::numeric / nullif(asks.order_count, 0))::numeric(12,2)        AS avg_ask_order_size,
  (bids.vwap / instrument.price_scale)::numeric(12,2)                          AS bid_vwap,
  (asks.vwap / instrument.price_scale)::numeric(12,2)                          AS ask_vwap,
  bids.half_level                                                              AS bid_50pct_level,
  asks.half_level                                                              AS ask_50pct_level
FROM gehra.depth_snapshots AS bid
JOIN gehra.feeds AS feed ON feed.feed_id = bid.feed_id AND (feed.kind = 'depth200' OR feed.broker = 'predecessor')
JOIN gehra.instruments AS instrument ON instrument.instrument_id = bid.instrument_id
JOIN gehra.depth_snapshots AS ask ON ask.instrument_id = bid.instrument_id AND ask.side = 1 AND ask.book_time = bid.book_time
  AND ask.feed_id = bid.feed_id
CROSS JOIN LATERAL gehra.side_sums(bid.prices, bid.quantities, bid.orders) AS bids
CROSS JOIN LATERAL gehra.side_sums(ask.prices, ask.quantities, ask.orders) AS asks
WHERE bid.side = 0
UNION ALL
SELECT time, security_id, instrument_name, best_bid, best_ask, spread, total_bid_qty, total_ask_qty, total_bid_orders, total_ask_orders,
  imbalance_ratio, avg_bid_order_size, avg_ask_order_size, bid_vwap, ask_vwap, bid_50pct_level, ask_50pct_level
FROM gehra.moved_summaries;
COMMENT ON VIEW public.depth_200_snapshots IS 'sums over each whole book of the 200-level feeds, rupees and units';
COMMENT ON COLUMN public.depth_200_snapshots.imbalance_ratio IS 'total_bid_qty / total_ask_qty; NULL where there is no ask';
COMMENT ON COLUMN public.depth_200_snapshots.bid_50pct_level IS 'number of the level at which the running quantity reaches half, 1 the best';

-- Its signals of before, behind ours.
ALTER VIEW public.depth_signals RENAME TO own_depth_signals;
ALTER VIEW public.own_depth_signals SET SCHEMA gehra;
CREATE VIEW public.depth_signals AS
SELECT * FROM gehra.own_depth_signals
UNION ALL
SELECT time, security_id, current_price, coalesce(key_levels, '[]'), '[]'::jsonb, pressure_30s, pressure_60s, pressure_120s, market_state
FROM gehra.moved_signals;
COMMENT ON VIEW public.depth_signals IS 'each 10 s: levels, absorptions, pressure; of moved days as the predecessor found them';

-- The predecessor's columns in their order: scripts take them by place.
DROP FUNCTION public.get_historical_data(integer, text, timestamptz, timestamptz);
CREATE FUNCTION public.get_historical_data(p_instrument_token integer, p_timeframe text, p_from_date timestamptz, p_to_date timestamptz)
RETURNS TABLE (result_time timestamptz, result_open numeric, result_high numeric, result_low numeric, result_close numeric,
  result_volume bigint, result_oi bigint) LANGUAGE sql STABLE AS $$
  SELECT candle.time, candle.open, candle.high, candle.low, candle.close, candle.volume, candle.oi
  FROM public.historical_data AS candle
  WHERE candle.instrument_token = p_instrument_token AND candle.timeframe = p_timeframe
    AND candle.time BETWEEN p_from_date AND p_to_date
  ORDER BY candle.time
$$;
COMMENT ON FUNCTION public.get_historical_data(integer, text, timestamptz, timestamptz) IS 'candles of an instrument, oldest first, both ends included';
DROP VIEW public.latest_historical_data;
CREATE VIEW public.latest_historical_data AS
SELECT DISTINCT ON (instrument_token, timeframe)
  instrument_token, trading_symbol, timeframe, time, open, high, low, close, volume, oi, created_at, source
FROM public.historical_data
ORDER BY instrument_token, timeframe, time DESC;
COMMENT ON VIEW public.latest_historical_data IS 'newest candle of each instrument and length';
COMMENT ON VIEW public.historical_data IS 'the brokers'' candles, rupees and units; Kite''s where both gave one';
COMMENT ON VIEW public.instruments IS 'what the brokers list now. UPDATE of is_active subscribes, and nothing else can be changed';
COMMENT ON VIEW public.active_instruments IS 'those of public.instruments that are recorded or to be recorded; takes UPDATE of is_active as well';
COMMENT ON VIEW public.signal_outcomes IS 'what signals of the predecessor''s preset were worth, a lot, mid to mid and without any cost';
COMMENT ON VIEW public.signal_performance IS 'signal_outcomes by kind and day';

-- Down Migration

DROP VIEW public.latest_historical_data;
CREATE VIEW public.latest_historical_data AS
SELECT DISTINCT ON (instrument_token, timeframe) * FROM public.historical_data
ORDER BY instrument_token, timeframe, time DESC;
DROP FUNCTION public.get_historical_data(integer, text, timestamptz, timestamptz);
CREATE FUNCTION public.get_historical_data(token integer, wanted_timeframe text, from_time timestamptz, to_time timestamptz)
RETURNS SETOF public.historical_data LANGUAGE sql STABLE AS $$
  SELECT * FROM public.historical_data AS candle
  WHERE candle.instrument_token = token AND candle.timeframe = wanted_timeframe
    AND candle.time BETWEEN from_time AND to_time
  ORDER BY candle.time
$$;
DROP VIEW public.depth_signals;
ALTER VIEW gehra.own_depth_signals SET SCHEMA public;
ALTER VIEW public.own_depth_signals RENAME TO depth_signals;
DROP VIEW public.depth_200_snapshots;
DROP FUNCTION gehra.side_sums(integer[], integer[], integer[]);
DROP VIEW public.latest_depth_snapshot;
CREATE OR REPLACE VIEW public.depth_levels_200 AS
SELECT
  depth.book_time                                                AS time,
  instrument.dhan_security_id::integer                           AS security_id,
  instrument.symbol                                              AS instrument_name,
  side.word                                                      AS side,
  level.number::integer                                          AS level_num,
  (level.price::numeric / instrument.price_scale)::numeric(12,2) AS price,
  level.quantity                                                 AS quantity,
  level.orders                                                   AS orders,
  instrument.dhan_segment                                        AS exchange_segment
FROM gehra.depth_snapshots AS depth
JOIN gehra.feeds AS feed ON feed.feed_id = depth.feed_id AND feed.kind = 'depth200'
JOIN gehra.instruments AS instrument ON instrument.instrument_id = depth.instrument_id
JOIN (VALUES (0::smallint, 'BID'), (1::smallint, 'ASK')) AS side (number, word) ON side.number = depth.side
CROSS JOIN LATERAL unnest(depth.prices, depth.quantities, depth.orders) WITH ORDINALITY
  AS level (price, quantity, orders, number);
DROP FUNCTION public.calculate_vwap(integer, timestamptz, timestamptz);
DROP FUNCTION public.get_latest_tick(integer);
DROP VIEW public.ingestion_stats;
DROP VIEW public.ticks_5min;
DROP VIEW public.ticks_1min;
DROP VIEW public.ticks;
DROP INDEX gehra.instruments_token;
DROP FUNCTION gehra.ensure_day(date);
DROP TABLE gehra.data_readers;
DELETE FROM gehra.depth_snapshots WHERE feed_id IN (SELECT feed_id FROM gehra.moved_databases);
DELETE FROM gehra.ticks WHERE feed_id IN (SELECT feed_id FROM gehra.moved_databases);
DELETE FROM gehra.flow_bars WHERE feed_id IN (SELECT feed_id FROM gehra.moved_databases);
DELETE FROM gehra.flow_minutes WHERE feed_id IN (SELECT feed_id FROM gehra.moved_databases);
DELETE FROM gehra.feed_positions WHERE feed_id IN (SELECT feed_id FROM gehra.moved_databases);
DELETE FROM gehra.feeds WHERE feed_id IN (SELECT feed_id FROM gehra.moved_databases);
DROP TABLE gehra.moved_signals, gehra.moved_summaries, gehra.moved_days, gehra.moved_databases;
