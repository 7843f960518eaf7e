-- The brokers' historical candles, what is still to be had of them, and what the nightly comparison with our own ticks found.

-- Up Migration

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = 'public' AND c.relname = 'historical_data' AND c.relkind IN ('r', 'p')) THEN
    RAISE EXCEPTION 'this database holds a table public.historical_data of another system'
      USING HINT = 'Give Gehra a database of its own, and bring the old data over with ./gehra import --from DATABASE_URL.';
  END IF;
END
$$;

-- Two brokers' candles of one instrument differ and stand side by side. time: the beginning of the candle.
CREATE TABLE gehra.historical_candles (
  instrument_id integer NOT NULL REFERENCES gehra.instruments,
  timeframe     text NOT NULL
    CHECK (timeframe IN ('minute', '3minute', '5minute', '10minute', '15minute', '30minute', '60minute', 'day')),
  source        text NOT NULL CHECK (source IN ('kite', 'dhan')),
  time          timestamptz NOT NULL,
  open          integer NOT NULL,
  high          integer NOT NULL,
  low           integer NOT NULL,
  close         integer NOT NULL,
  volume        bigint NOT NULL,
  oi            bigint,
  created_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (instrument_id, timeframe, source, time)
);
COMMENT ON TABLE gehra.historical_candles IS 'what a broker says, not what was recorded; prices in price units, volume in units';
COMMENT ON COLUMN gehra.historical_candles.oi IS 'NULL where the broker did not say';

-- One row an instrument asked for. What lies before done_to is stored: whoever goes on begins there.
CREATE TABLE gehra.candle_downloads (
  download_id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  asked_by      text NOT NULL,
  asked_at      timestamptz NOT NULL DEFAULT now(),
  instrument_id integer NOT NULL REFERENCES gehra.instruments,
  source        text NOT NULL CHECK (source IN ('kite', 'dhan')),
  timeframe     text NOT NULL,
  from_time     timestamptz NOT NULL,
  to_time       timestamptz NOT NULL,
  done_to       timestamptz NOT NULL,
  state         text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed')),
  -- Not tried before this.
  due_at        timestamptz NOT NULL DEFAULT now(),
  -- Candles that came, those of them that were new or different, and those that no market can have made.
  received      integer NOT NULL DEFAULT 0,
  changed       integer NOT NULL DEFAULT 0,
  refused       integer NOT NULL DEFAULT 0,
  -- Why it does not go on, in words without a secret.
  failure       text,
  moved_at      timestamptz NOT NULL DEFAULT now()
);
-- Asked for twice it is done once.
CREATE UNIQUE INDEX candle_downloads_waiting
  ON gehra.candle_downloads (source, instrument_id, timeframe, from_time, to_time) WHERE state = 'waiting';

-- Of a day, an instrument and a feed: what our ticks and the broker's candles say.
CREATE TABLE gehra.reconciliations (
  day           date NOT NULL,
  instrument_id integer NOT NULL REFERENCES gehra.instruments,
  feed_id       smallint NOT NULL,
  made_at       timestamptz NOT NULL DEFAULT now(),
  -- Up to here the day was looked at; final: to its end.
  until_time    timestamptz NOT NULL,
  final         boolean NOT NULL,
  outcome       text NOT NULL CHECK (outcome IN ('equal', 'explained', 'differs', 'no_candles')),
  -- Share of the trading hours that the feed was heard; NULL where there were none.
  coverage      double precision,
  -- lib/orderflow/reconcile.ts
  found         jsonb NOT NULL,
  PRIMARY KEY (day, instrument_id, feed_id)
);

-- The predecessor's names. A candle that both brokers gave is Kite's there, as it was.
CREATE VIEW public.historical_data AS
SELECT
  candle.time                                                           AS time,
  coalesce(instrument.kite_token, -instrument.instrument_id)::integer   AS instrument_token,
  candle.timeframe                                                      AS timeframe,
  instrument.symbol                                                     AS trading_symbol,
  (candle.open::numeric / instrument.price_scale)::numeric(12,2)        AS open,
  (candle.high::numeric / instrument.price_scale)::numeric(12,2)        AS high,
  (candle.low::numeric / instrument.price_scale)::numeric(12,2)         AS low,
  (candle.close::numeric / instrument.price_scale)::numeric(12,2)       AS close,
  candle.volume                                                         AS volume,
  candle.oi                                                             AS oi,
  candle.created_at                                                     AS created_at,
  candle.source                                                         AS source
FROM gehra.historical_candles AS candle
JOIN gehra.instruments AS instrument USING (instrument_id)
WHERE candle.source = 'kite' OR NOT EXISTS (
  SELECT FROM gehra.historical_candles AS kite
  WHERE kite.instrument_id = candle.instrument_id AND kite.timeframe = candle.timeframe AND kite.source = 'kite'
    AND kite.time = candle.time);

CREATE VIEW public.latest_historical_data AS
SELECT DISTINCT ON (instrument_token, timeframe) * FROM public.historical_data
ORDER BY instrument_token, timeframe, time DESC;

CREATE FUNCTION public.get_historical_data(token integer, wanted_timeframe text, from_time timestamptz, to_time timestamptz)
RETURNS SETOF public.historical_data LANGUAGE sql STABLE AS $$
  SELECT * FROM public.historical_data AS candle
  WHERE candle.instrument_token = token AND candle.timeframe = wanted_timeframe
    AND candle.time BETWEEN from_time AND to_time
  ORDER BY candle.time
$$;

-- Down Migration

DROP FUNCTION public.get_historical_data(integer, text, timestamptz, timestamptz);
DROP VIEW public.latest_historical_data;
DROP VIEW public.historical_data;
DROP TABLE gehra.reconciliations;
DROP TABLE gehra.candle_downloads;
DROP TABLE gehra.historical_candles;
