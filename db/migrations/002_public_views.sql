-- What users of the predecessor query by its old names: views over our own tables, in rupees.

-- Up Migration

-- A database that still holds the predecessor's tables is not overwritten.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = 'public' AND c.relname = 'depth_levels_200' AND c.relkind IN ('r', 'p')) THEN
    RAISE EXCEPTION 'this database holds a table public.depth_levels_200 of another system'
      USING HINT = 'Give Gehra a database of its own, and bring the old data over with ./gehra import --from DATABASE_URL.';
  END IF;
END
$$;

-- One row per level of the 200-level feeds. time is the book's: both sides of a book share it. Predicates on time,
-- security_id and side reach the index (instrument_id, side, book_time): the side's word is joined to its number rather
-- than computed from it, and the security to its instrument.
CREATE VIEW public.depth_levels_200 AS
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

-- Down Migration

DROP VIEW public.depth_levels_200;
