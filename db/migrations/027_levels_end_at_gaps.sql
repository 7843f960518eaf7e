-- Nobody knows what became of a level in a gap or after the close, so none stands after it in depth_signals: its last state would stand there
-- for a day.

-- Up Migration

-- As in 020, where it still was public.depth_signals, but for the gaps.
CREATE OR REPLACE VIEW gehra.own_depth_signals AS
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
      AND NOT EXISTS (SELECT FROM gehra.feed_gaps AS gap
        WHERE gap.feed_id = s.feed_id AND gap.instrument_ids @> ARRAY[s.instrument_id]
          AND gap.from_time >= s.found_time AND gap.from_time < state.time)
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

CREATE OR REPLACE VIEW gehra.own_depth_signals AS
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
