-- What signals were worth, held against random times; and the predecessor's three names over it.

-- Up Migration

-- 0: nothing is measured yet, 1: its own outcome is, 2: that of its random times too.
ALTER TABLE gehra.signals ADD COLUMN measured smallint NOT NULL DEFAULT 0;
CREATE INDEX signals_unmeasured ON gehra.signals (time, signal_id) WHERE measured < 2;

-- sample 0 is the signal itself, those after it are random times of its instrument and hour. Arrays have an entry each for 10 s,
-- 30 s, 60 s and 5 min after; an entry is NULL where the same entry of reasons says why.
CREATE TABLE gehra.signal_outcomes (
  signal_id   text NOT NULL REFERENCES gehra.signals ON DELETE CASCADE,
  sample      smallint NOT NULL,
  time        timestamptz NOT NULL,
  direction   smallint NOT NULL CHECK (direction IN (-1, 0, 1)),
  mid         double precision,
  half_spread double precision,
  later_mids  double precision[] NOT NULL,
  net_ticks   double precision[] NOT NULL,
  net_bps     double precision[] NOT NULL,
  reasons     text[] NOT NULL,
  PRIMARY KEY (signal_id, sample)
);

COMMENT ON TABLE gehra.signal_outcomes IS 'how the mid moved after a signal and after random times of its hour (docs/SIGNALS.md); prices in price units, markouts net of half the spread';

-- What the predecessor's depth_signals says of each 10 s that no row of ours has: the best bid, and the orders of the 40 nearest
-- levels a side, summed over the books of the 10 s before.
CREATE TABLE gehra.depth_states (
  time          timestamptz NOT NULL,
  instrument_id integer NOT NULL,
  feed_id       smallint NOT NULL,
  best_bid      integer NOT NULL,
  bid_orders    bigint NOT NULL,
  ask_orders    bigint NOT NULL,
  PRIMARY KEY (instrument_id, time, feed_id)
);
CREATE INDEX depth_states_time ON gehra.depth_states (time);

COMMENT ON TABLE gehra.depth_states IS 'one row each 10 s in which a 200-level feed gave an instrument''s book';

-- A database that still holds the predecessor's tables is not overwritten.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = 'public' AND c.relname IN ('depth_signals', 'signal_outcomes', 'signal_performance')
               AND c.relkind IN ('r', 'p')) THEN
    RAISE EXCEPTION 'this database holds tables of another system: public.depth_signals, signal_outcomes or signal_performance'
      USING HINT = 'Give Gehra a database of its own, and bring the old data over with ./gehra import --from DATABASE_URL.';
  END IF;
END
$$;

-- Signals of the predecessor's preset, by its names. A lot's gain is mid to mid in the direction that the signal spoke of, in rupees
-- and without any cost.
CREATE VIEW public.signal_outcomes AS
SELECT
  signal.time                                                        AS signal_time,
  instrument.dhan_security_id::integer                               AS security_id,
  type.name                                                          AS signal_type,
  jsonb_build_object('signal_id', signal.signal_id, 'price', (signal.low_price::numeric / instrument.price_scale)::numeric(12,2),
    'side', CASE signal.side WHEN 'bid' THEN 'support' ELSE 'resistance' END, 'cause', signal.cause, 'state', signal.state)
                                                                     AS signal_data,
  (own.mid / instrument.price_scale)::numeric(12,2)                  AS price_entry,
  (own.later_mids[1] / instrument.price_scale)::numeric(12,2)        AS price_10s_later,
  (own.later_mids[2] / instrument.price_scale)::numeric(12,2)        AS price_30s_later,
  (own.later_mids[3] / instrument.price_scale)::numeric(12,2)        AS price_60s_later,
  (own.later_mids[4] / instrument.price_scale)::numeric(12,2)        AS price_5min_later,
  gain.of_10s::numeric(12,2)                                         AS pnl_10s,
  gain.of_30s::numeric(12,2)                                         AS pnl_30s,
  gain.of_60s::numeric(12,2)                                         AS pnl_60s,
  gain.of_5min::numeric(12,2)                                        AS pnl_5min,
  CASE WHEN gain.of_60s > 0 THEN 'profitable' WHEN gain.of_60s < 0 THEN 'loss' WHEN gain.of_60s = 0 THEN 'neutral' END
                                                                     AS result
FROM gehra.signals AS signal
JOIN (VALUES ('key_level', 'key_level'), ('order_absorption', 'absorption'), ('pressure', 'pressure_change')) AS type (kind, name)
  ON type.kind = signal.kind
JOIN gehra.instruments AS instrument ON instrument.instrument_id = signal.instrument_id
LEFT JOIN gehra.signal_outcomes AS own ON own.signal_id = signal.signal_id AND own.sample = 0
CROSS JOIN LATERAL (SELECT
  own.direction * (own.later_mids[1] - own.mid) * instrument.lot_size / instrument.price_scale AS of_10s,
  own.direction * (own.later_mids[2] - own.mid) * instrument.lot_size / instrument.price_scale AS of_30s,
  own.direction * (own.later_mids[3] - own.mid) * instrument.lot_size / instrument.price_scale AS of_60s,
  own.direction * (own.later_mids[4] - own.mid) * instrument.lot_size / instrument.price_scale AS of_5min) AS gain
WHERE starts_with(signal.detector, 'predecessor');

-- Days are India's. A signal wins or loses by its gain after 60 s; what is not measured is counted in total_signals alone.
CREATE VIEW public.signal_performance AS
SELECT
  signal_type,
  (signal_time AT TIME ZONE 'Asia/Kolkata')::date                    AS trade_date,
  count(*)::integer                                                  AS total_signals,
  count(*) FILTER (WHERE result = 'profitable')::integer             AS winning_signals,
  count(*) FILTER (WHERE result = 'loss')::integer                   AS losing_signals,
  (100.0 * count(*) FILTER (WHERE result = 'profitable') / nullif(count(result), 0))::numeric(5,2) AS win_rate,
  avg(pnl_60s)::numeric(12,2)                                        AS avg_pnl_60s,
  avg(pnl_5min)::numeric(12,2)                                       AS avg_pnl_5min,
  sum(pnl_60s)::numeric(14,2)                                        AS total_pnl_60s,
  sum(pnl_5min)::numeric(14,2)                                       AS total_pnl_5min
FROM public.signal_outcomes
GROUP BY signal_type, (signal_time AT TIME ZONE 'Asia/Kolkata')::date;

-- Each 10 s: the levels that stood then, what was absorbed in the two minutes before, and pressure over the last 30, 60 and 120 s.
-- A level's orders, strength and tests are those of its newest state, as its row has them; what nobody counts is null.
CREATE VIEW public.depth_signals AS
SELECT
  state.time                                                         AS time,
  instrument.dhan_security_id::integer                               AS security_id,
  (state.best_bid::numeric / instrument.price_scale)::numeric(12,2)  AS current_price,
  coalesce(levels.list, '[]')                                        AS key_levels,
  coalesce(absorbed.list, '[]')                                      AS absorptions,
  lean.of_30s                                                        AS pressure_30s,
  lean.of_60s                                                        AS pressure_60s,
  lean.of_120s                                                       AS pressure_120s,
  CASE WHEN lean.of_60s > 0.3 THEN 'bullish' WHEN lean.of_60s < -0.3 THEN 'bearish' ELSE 'neutral' END AS market_state
FROM gehra.depth_states AS state
JOIN gehra.instruments AS instrument ON instrument.instrument_id = state.instrument_id
CROSS JOIN LATERAL (
  SELECT (sum(bid - ask) FILTER (WHERE age < '30 s') / nullif(sum(bid + ask) FILTER (WHERE age < '30 s'), 0))::numeric(5,3) AS of_30s,
    (sum(bid - ask) FILTER (WHERE age < '60 s') / nullif(sum(bid + ask) FILTER (WHERE age < '60 s'), 0))::numeric(5,3) AS of_60s,
    (sum(bid - ask) / nullif(sum(bid + ask), 0))::numeric(5,3) AS of_120s
  FROM (SELECT bid_orders AS bid, ask_orders AS ask, state.time - past.time AS age FROM gehra.depth_states AS past
        WHERE past.instrument_id = state.instrument_id AND past.feed_id = state.feed_id
          AND past.time > state.time - interval '120 s' AND past.time <= state.time) AS pasts) AS lean
LEFT JOIN LATERAL (
  SELECT jsonb_agg(level.entry) AS list
  FROM (
    SELECT jsonb_build_object(
      'price', (s.low_price::numeric / instrument.price_scale)::numeric(12,2),
      'side', CASE s.side WHEN 'bid' THEN 'support' ELSE 'resistance' END,
      'orders', (s.cause -> 'orders' ->> 'value')::numeric,
      'peak_quantity', s.size,
      'avg_quantity', NULL,
      'strength', (s.cause -> 'strength' ->> 'value')::numeric,
      'tests', (s.cause -> 'tests' ->> 'value')::numeric,
      'age_seconds', extract(epoch FROM state.time - s.from_time)::integer,
      'age_display', to_char(state.time - s.from_time, 'MI:SS'),
      'status', CASE WHEN state.time - s.from_time >= interval '10 s' THEN 'active' ELSE 'forming' END,
      'distance', (abs(s.low_price - state.best_bid)::numeric / instrument.price_scale)::numeric(12,2),
      'first_seen', to_char(s.from_time AT TIME ZONE 'Asia/Kolkata', 'HH24:MI:SS'),
      'active', state.time - s.from_time >= interval '10 s') AS entry
    FROM gehra.signals AS s
    WHERE s.instrument_id = state.instrument_id AND s.feed_id = state.feed_id AND s.kind = 'key_level'
      AND starts_with(s.detector, 'predecessor')
      AND s.time <= state.time AND s.time > state.time - interval '1 day'
      AND (s.state NOT IN ('broken', 'gone') OR s.found_time > state.time)
    ORDER BY (s.cause -> 'strength' ->> 'value')::numeric DESC, s.signal_id LIMIT 5) AS level) AS levels ON true
LEFT JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object(
      'price', (s.low_price::numeric / instrument.price_scale)::numeric(12,2),
      'side', CASE s.side WHEN 'bid' THEN 'support' ELSE 'resistance' END,
      'orders_peak', (s.cause -> 'peakOrders' ->> 'value')::numeric,
      'orders_now', (s.cause -> 'orders' ->> 'value')::numeric,
      'reduction_pct', round(100 * (s.cause -> 'reduced' ->> 'value')::numeric, 1),
      'time_to_absorption', extract(epoch FROM s.to_time - s.from_time)::numeric(8,1),
      'started_at', to_char(s.from_time AT TIME ZONE 'Asia/Kolkata', 'HH24:MI:SS'),
      'snapshots_to_absorption', NULL,
      'status', 'absorbed',
      'price_broke', true,
      'current_price', (state.best_bid::numeric / instrument.price_scale)::numeric(12,2),
      'distance_at_absorption', (abs(s.low_price - state.best_bid)::numeric / instrument.price_scale)::numeric(12,2))
    ORDER BY s.time DESC) AS list
  FROM gehra.signals AS s
  WHERE s.instrument_id = state.instrument_id AND s.feed_id = state.feed_id AND s.kind = 'order_absorption'
    AND s.time <= state.time AND s.time > state.time - interval '120 s') AS absorbed ON true;

-- Down Migration

DROP VIEW public.depth_signals;
DROP VIEW public.signal_performance;
DROP VIEW public.signal_outcomes;
DROP TABLE gehra.depth_states;
DROP TABLE gehra.signal_outcomes;
ALTER TABLE gehra.signals DROP COLUMN measured;
