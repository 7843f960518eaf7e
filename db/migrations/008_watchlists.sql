-- What is to be recorded: watchlists of pinned instruments and rules; what the brokers' dumps brought, and what could not be
-- joined in them; limits learnt from the brokers. And the predecessor's view of instruments, over which people subscribe.

-- Up Migration

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = 'public' AND c.relname = 'instruments' AND c.relkind IN ('r', 'p')) THEN
    RAISE EXCEPTION 'this database holds a table public.instruments of another system'
      USING HINT = 'Give Gehra a database of its own, and bring the old data over with ./gehra import --from DATABASE_URL.';
  END IF;
END
$$;

-- listed: stands in the newest dumps. Instruments that left them (expired, delisted) are kept.
-- first_recorded: when a feed was first asked for it; what was ever recorded can be found for ever.
ALTER TABLE gehra.instruments
  ADD listed boolean NOT NULL DEFAULT true,
  ADD first_recorded timestamptz;
CREATE INDEX instruments_kite ON gehra.instruments (kite_token);
CREATE INDEX instruments_contracts ON gehra.instruments (name, expiry) WHERE listed;

-- What changed of an instrument: symbol (a rename), lot_size, tick_size.
CREATE TABLE gehra.instrument_changes (
  instrument_id integer NOT NULL REFERENCES gehra.instruments,
  time          timestamptz NOT NULL DEFAULT now(),
  what          text NOT NULL,
  was           text NOT NULL,
  became        text NOT NULL,
  PRIMARY KEY (instrument_id, time, what)
);

-- One row a load of the dumps. day: of the file, which is older than the load where that day's could not be had.
CREATE TABLE gehra.master_loads (
  load_id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  time      timestamptz NOT NULL DEFAULT now(),
  -- By broker: {day, rows, byExchange, failure}; failure says why an older file was taken.
  files     jsonb NOT NULL,
  joined    integer NOT NULL,
  -- By exchange: {kite, dhan, joined}.
  exchanges jsonb NOT NULL
);

-- Rows of the newest dumps that only one broker lists, and why.
CREATE TABLE gehra.unjoined (
  broker   text NOT NULL,
  exchange text NOT NULL,
  symbol   text NOT NULL,
  number   bigint NOT NULL,
  reason   text NOT NULL
);
CREATE INDEX unjoined_place ON gehra.unjoined (exchange, broker, symbol);

CREATE TABLE gehra.watchlists (
  watchlist_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name         text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 60),
  place        integer NOT NULL
);

-- Either an instrument or a rule (lib/core/watchlist.ts). deep: first in line for a 200-level slot.
CREATE TABLE gehra.watchlist_entries (
  entry_id      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  watchlist_id  integer NOT NULL REFERENCES gehra.watchlists ON DELETE CASCADE,
  place         integer NOT NULL,
  instrument_id integer REFERENCES gehra.instruments,
  rule          jsonb,
  deep          boolean NOT NULL DEFAULT false,
  CHECK ((instrument_id IS NULL) <> (rule IS NULL)),
  UNIQUE (watchlist_id, instrument_id)
);
-- What a rule came to last: {instrumentIds, strike, note}; kept, so that it does not flap over a restart.
CREATE TABLE gehra.rule_answers (
  entry_id integer PRIMARY KEY REFERENCES gehra.watchlist_entries ON DELETE CASCADE,
  answer   jsonb NOT NULL
);

-- Money traded in a day, rupees: volume times average price, as Kite's quotes or the ticks said.
CREATE TABLE gehra.turnover (
  instrument_id integer PRIMARY KEY REFERENCES gehra.instruments,
  day           date NOT NULL,
  turnover      double precision NOT NULL
);

-- What a broker has shown to allow less of than its documents say: forgotten after a day, and tried again.
CREATE TABLE gehra.feed_limits (
  kind        text PRIMARY KEY,
  slots       integer NOT NULL CHECK (slots > 0),
  instruments integer NOT NULL CHECK (instruments > 0),
  because     text NOT NULL,
  learnt_at   timestamptz NOT NULL DEFAULT now()
);

-- Counters that move with every change, so that who holds a copy sees that it is old.
CREATE TABLE gehra.versions (
  name    text PRIMARY KEY,
  version bigint NOT NULL DEFAULT 0
);
INSERT INTO gehra.versions (name) VALUES ('instruments'), ('watchlists');

CREATE FUNCTION gehra.move_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE gehra.versions SET version = version + 1 WHERE name = TG_ARGV[0];
  RETURN NULL;
END
$$;
CREATE TRIGGER instruments_changed
  AFTER INSERT OR DELETE OR UPDATE OF symbol, name, type, expiry, strike, tick_size, lot_size, kite_token, dhan_security_id, listed
  ON gehra.instruments FOR EACH STATEMENT EXECUTE FUNCTION gehra.move_version('instruments');
CREATE TRIGGER watchlists_changed AFTER INSERT OR UPDATE OR DELETE ON gehra.watchlists
  FOR EACH STATEMENT EXECUTE FUNCTION gehra.move_version('watchlists');
CREATE TRIGGER watchlist_entries_changed AFTER INSERT OR UPDATE OR DELETE ON gehra.watchlist_entries
  FOR EACH STATEMENT EXECUTE FUNCTION gehra.move_version('watchlists');

-- The predecessor's names, said without a schema, are those in public, whatever the user is called: a user gehra would find
-- our own tables first. Our own SQL always names its schema.
DO $$
BEGIN
  EXECUTE format('ALTER DATABASE %I SET search_path = public', current_database());
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'Scripts that use the names of the predecessor need SET search_path = public: %', SQLERRM;
END
$$;

-- The predecessor's instruments. A contract that Kite does not list has a token of ours, which is negative. Prices in rupees.
-- What has left the dumps is not in it: its token may be another's by now.
CREATE VIEW public.instruments AS
SELECT
  coalesce(instrument.kite_token, -instrument.instrument_id)::integer           AS instrument_token,
  coalesce(instrument.kite_token / 256, instrument.dhan_security_id)::integer   AS exchange_token,
  instrument.symbol                                                             AS trading_symbol,
  instrument.name                                                               AS name,
  CASE WHEN instrument.exchange <> 'INDICES' THEN instrument.exchange
       WHEN instrument.symbol ~ '^(SENSEX|BANKEX|BSE|SNSX|SNXT)' THEN 'BSE' ELSE 'NSE' END AS exchange,
  instrument.exchange || CASE WHEN instrument.type = 'FUT' THEN '-FUT'
                              WHEN instrument.type IN ('CE', 'PE') THEN '-OPT' ELSE '' END AS segment,
  CASE instrument.type WHEN 'INDEX' THEN 'EQ' ELSE instrument.type END          AS instrument_type,
  instrument.expiry                                                             AS expiry,
  coalesce(instrument.strike::numeric / instrument.price_scale, 0)::numeric(12,2) AS strike,
  (instrument.tick_size::numeric / instrument.price_scale)::numeric(12,4)       AS tick_size,
  instrument.lot_size                                                           AS lot_size,
  instrument.last_seen                                                          AS last_updated,
  instrument.dhan_security_id::text                                             AS security_id,
  EXISTS (SELECT FROM gehra.subscriptions AS s WHERE s.instrument_id = instrument.instrument_id)
    OR EXISTS (SELECT FROM gehra.watchlist_entries AS e WHERE e.instrument_id = instrument.instrument_id) AS is_active,
  CASE WHEN instrument.kite_token IS NULL THEN 'dhan' ELSE 'kite' END           AS source,
  instrument.instrument_id                                                      AS instrument_id
FROM gehra.instruments AS instrument
WHERE instrument.listed;

CREATE VIEW public.active_instruments AS SELECT * FROM public.instruments WHERE is_active;

-- UPDATE public.instruments SET is_active = ... pins to, or takes from the watchlists. Nothing else of it can be changed.
CREATE FUNCTION gehra.subscribe_by_view() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  list integer;
BEGIN
  IF NEW.is_active IS NULL OR (to_jsonb(NEW) - 'is_active') IS DISTINCT FROM (to_jsonb(OLD) - 'is_active') THEN
    RAISE EXCEPTION 'only is_active can be changed in instruments, to true or false';
  END IF;
  IF NOT NEW.is_active THEN
    DELETE FROM gehra.watchlist_entries WHERE instrument_id = OLD.instrument_id;
    RETURN NEW;
  END IF;
  IF EXISTS (SELECT FROM gehra.watchlist_entries WHERE instrument_id = OLD.instrument_id) THEN RETURN NEW; END IF;
  INSERT INTO gehra.watchlists (name, place)
    SELECT 'By SQL', coalesce(max(place), 0) + 1 FROM gehra.watchlists ON CONFLICT (name) DO NOTHING;
  SELECT watchlist_id INTO list FROM gehra.watchlists WHERE name = 'By SQL';
  INSERT INTO gehra.watchlist_entries (watchlist_id, place, instrument_id)
    SELECT list, coalesce(max(place), 0) + 1, OLD.instrument_id FROM gehra.watchlist_entries WHERE watchlist_id = list;
  RETURN NEW;
END
$$;
CREATE TRIGGER subscribe INSTEAD OF UPDATE ON public.instruments
  FOR EACH ROW EXECUTE FUNCTION gehra.subscribe_by_view();

-- Down Migration

DROP VIEW public.active_instruments;
DROP VIEW public.instruments;
DROP TABLE gehra.feed_limits, gehra.turnover, gehra.rule_answers, gehra.watchlist_entries, gehra.watchlists, gehra.unjoined,
  gehra.master_loads, gehra.instrument_changes;
DROP TRIGGER instruments_changed ON gehra.instruments;
DROP TABLE gehra.versions;
DROP FUNCTION gehra.subscribe_by_view();
DROP FUNCTION gehra.move_version();
DROP INDEX gehra.instruments_contracts, gehra.instruments_kite;
ALTER TABLE gehra.instruments DROP listed, DROP first_recorded;
