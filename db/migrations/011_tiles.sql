-- The heatmap's tiles (docs/TILES.md): what people look at, made of depth_snapshots and ticks by a job as time passes, and again
-- for a range on demand. A tile is here once it is final; finer and unfinished ones are made when they are asked for.

-- Up Migration

CREATE TABLE gehra.heatmap_tiles (
  instrument_id integer NOT NULL,
  column_ms     integer NOT NULL,
  value         smallint NOT NULL,
  row_units     integer NOT NULL,
  start_time    timestamptz NOT NULL,
  feed_id       smallint NOT NULL,
  revision      text NOT NULL,
  bytes         bytea NOT NULL,
  built_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (instrument_id, column_ms, value, row_units, start_time, feed_id)
);
CREATE INDEX heatmap_tiles_time ON gehra.heatmap_tiles (column_ms, start_time);
-- The bytes are compressed already.
ALTER TABLE gehra.heatmap_tiles ALTER bytes SET STORAGE EXTERNAL;

COMMENT ON COLUMN gehra.heatmap_tiles.value IS '0 max, 1 last, 2 mean (lib/heatmap/tile.ts, TILE_VALUES)';
COMMENT ON COLUMN gehra.heatmap_tiles.row_units IS 'height of a price row in price units';
COMMENT ON COLUMN gehra.heatmap_tiles.revision IS 'names what the tile was made of: the same sources give the same revision and the same bytes';
COMMENT ON COLUMN gehra.heatmap_tiles.bytes IS 'docs/TILES.md, compressed by gzip';

-- Days that are over and do not yet lie in the order of their key, and the key's index on each, both ready to stand in SQL.
-- indisclustered remembers which were put in order. The full edition does it by policies instead.
CREATE FUNCTION gehra.closed_days_to_reorder() RETURNS TABLE (day text, key text) LANGUAGE plpgsql STABLE AS $$
DECLARE
  edition text := gehra.timescale_edition();
  yesterday timestamptz := date_trunc('day', now() - interval '1 day', 'UTC');
BEGIN
  IF edition = 'plain' THEN
    RETURN QUERY
      SELECT inhrelid::regclass::text, quote_ident(i.relname)
      FROM unnest(gehra.daily_tables()) AS parent
      JOIN pg_inherits ON inhparent = format('gehra.%I', parent)::regclass
      JOIN pg_class c ON c.oid = inhrelid
      JOIN pg_index x ON x.indrelid = inhrelid AND x.indisprimary AND NOT x.indisclustered
      JOIN pg_class i ON i.oid = x.indexrelid
      WHERE (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''([^'']+)''\)'))[1]::timestamptz <= yesterday
      ORDER BY 1;
  ELSIF edition = 'apache' THEN
    RETURN QUERY
      SELECT x.indrelid::regclass::text, quote_ident(i.relname)
      FROM timescaledb_information.chunks h
      JOIN pg_index x ON x.indrelid = format('%I.%I', h.chunk_schema, h.chunk_name)::regclass
        AND x.indisprimary AND NOT x.indisclustered
      JOIN pg_class i ON i.oid = x.indexrelid
      WHERE h.hypertable_schema = 'gehra' AND h.hypertable_name = ANY (gehra.daily_tables()) AND h.range_end <= yesterday
      ORDER BY 1;
  END IF;
END
$$;

DO $$
DECLARE
  parent text;
BEGIN
  IF gehra.timescale_edition() <> 'full' THEN RETURN; END IF;
  FOREACH parent IN ARRAY gehra.daily_tables() LOOP
    BEGIN
      PERFORM add_reorder_policy(format('gehra.%I', parent)::regclass, (parent || '_pkey')::name, if_not_exists => true);
    EXCEPTION WHEN OTHERS THEN
      -- The order of rows is a matter of speed alone: nothing may fail to start for it.
      RAISE WARNING 'gehra.% will not be reordered: %', parent, SQLERRM;
    END;
  END LOOP;
END
$$;

-- Down Migration

DO $$
DECLARE
  parent text;
BEGIN
  IF gehra.timescale_edition() <> 'full' THEN RETURN; END IF;
  FOREACH parent IN ARRAY gehra.daily_tables() LOOP
    PERFORM remove_reorder_policy(format('gehra.%I', parent)::regclass, if_exists => true);
  END LOOP;
END
$$;

DROP FUNCTION gehra.closed_days_to_reorder();

DROP TABLE gehra.heatmap_tiles;
