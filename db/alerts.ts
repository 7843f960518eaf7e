/** Rules, what they told, and how far each telling got on each channel. */
import { HORIZONS_S } from '../lib/signals/outcome.ts';
import type {
  AlertChannel,
  MetricWatch,
  Occasion,
  Rule,
  RuleSignal,
  SignalWatch,
  StoredRule,
} from '../lib/signals/rules.ts';
import type { Client, Pool } from './connect.ts';

const US = (column: string): string => `(extract(epoch FROM ${column}) * 1e6)::bigint`;
const MS = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::bigint`;

export interface RuleRow extends StoredRule {
  /** Stamp up to which a rule on a number has looked; null: nothing yet. */
  readonly lookedUs: number | null;
  readonly updatedMs: number;
  readonly updatedBy: string;
}

/** In the order in which they were made. */
export async function loadRules(db: Client | Pool): Promise<RuleRow[]> {
  const { rows } = await db.query<{ id: number; rule: Rule; lookedUs: number; updatedMs: number; updatedBy: string }>(
    `SELECT rule_id AS id, rule, ${US('looked_to')} AS "lookedUs", ${MS('updated_at')} AS "updatedMs",
       updated_by AS "updatedBy" FROM gehra.alert_rules ORDER BY rule_id`,
  );
  return rows.map(({ rule, ...rest }) => ({ ...rule, ...rest }));
}

export async function addRule(db: Pool, rule: Rule, who: string): Promise<number> {
  const { rows } = await db.query<{ id: number }>(
    'INSERT INTO gehra.alert_rules (rule, updated_by) VALUES ($1, $2) RETURNING rule_id AS id',
    [JSON.stringify(rule), who],
  );
  return (rows[0] as { id: number }).id;
}

/** A rule that was changed looks from now on only. @returns false where there is no such rule */
export async function replaceRule(db: Pool, id: number, rule: Rule, who: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE gehra.alert_rules SET rule = $2, updated_by = $3, updated_at = now(), looked_to = NULL WHERE rule_id = $1`,
    [id, JSON.stringify(rule), who],
  );
  return rowCount === 1;
}

/** @returns its name; null where there was none */
export async function removeRule(db: Pool, id: number): Promise<string | null> {
  const { rows } = await db.query<{ name: string }>(
    `DELETE FROM gehra.alert_rules WHERE rule_id = $1 RETURNING rule->>'name' AS name`,
    [id],
  );
  return rows[0]?.name ?? null;
}

export interface AlertSettings {
  /** Minutes after midnight in India; equal: no quiet hours. */
  readonly quietFrom: number;
  readonly quietTo: number;
  /** 0: no digest. */
  readonly digestMinutes: number;
}

export async function loadAlertSettings(db: Client | Pool): Promise<AlertSettings> {
  const { rows } = await db.query<AlertSettings>(
    `SELECT quiet_from AS "quietFrom", quiet_to AS "quietTo", digest_minutes AS "digestMinutes" FROM gehra.alert_progress`,
  );
  return onlyRow(rows);
}

export async function storeAlertSettings(db: Pool, settings: AlertSettings): Promise<void> {
  const { quietFrom, quietTo, digestMinutes } = settings;
  await db.query('UPDATE gehra.alert_progress SET quiet_from = $1, quiet_to = $2, digest_minutes = $3', [
    quietFrom,
    quietTo,
    digestMinutes,
  ]);
}

/** Up to which entry the stream of signals was looked through; null: nothing was looked at yet. */
export async function alertPosition(db: Client): Promise<string | null> {
  const { rows } = await db.query<{ position: string | null }>('SELECT position FROM gehra.alert_progress');
  return onlyRow(rows).position;
}

const onlyRow = <Row>(rows: readonly Row[]): Row => {
  const [row] = rows;
  if (!row) throw new Error('gehra.alert_progress has lost its row');
  return row;
};

/** Moves it within the caller's transaction. @returns false where somebody else has: the transaction must not commit */
export async function moveAlertPosition(db: Client, from: string | null, to: string): Promise<boolean> {
  const { rowCount } = await db.query(
    'UPDATE gehra.alert_progress SET position = $2 WHERE position IS NOT DISTINCT FROM $1',
    [from, to],
  );
  return rowCount === 1;
}

/** Moves how far a rule on a number has looked, likewise. */
export async function moveLook(db: Client, id: number, fromUs: number | null, toUs: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE gehra.alert_rules SET looked_to = to_timestamp($3::bigint / 1e6)
     WHERE rule_id = $1 AND looked_to IS NOT DISTINCT FROM to_timestamp($2::bigint / 1e6)`,
    [id, fromUs, toUs],
  );
  return rowCount === 1;
}

export interface NewAlert {
  readonly key: string;
  readonly rule: Pick<StoredRule, 'id' | 'name'>;
  readonly occasion: Occasion;
  readonly title: string;
  readonly detail: string;
  readonly link: string;
  readonly deliveries: readonly NewDelivery[];
}

export interface NewDelivery {
  readonly channel: AlertChannel;
  readonly state: 'waiting' | 'held' | 'sent';
}

/** @returns false where it is there already: then nothing is done */
export async function addAlert(db: Client | Pool, alert: NewAlert): Promise<boolean> {
  const { key, rule, occasion, title, detail, link, deliveries } = alert;
  const { rowCount } = await db.query(
    `WITH added AS (
       INSERT INTO gehra.alerts (alert_key, rule_id, rule_name, occasion_id, kind, instrument_id, low_price, found_time,
         title, detail, link)
       VALUES ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::bigint / 1e6), $9, $10, $11)
       ON CONFLICT DO NOTHING RETURNING alert_key),
     planned AS (
       INSERT INTO gehra.alert_deliveries (alert_key, channel, state)
       SELECT alert_key, channel, state FROM added CROSS JOIN unnest($12::text[], $13::text[]) AS t (channel, state))
     SELECT FROM added`,
    [
      key,
      rule.id,
      rule.name,
      occasion.id,
      occasion.kind,
      occasion.instrumentId,
      occasion.lowPrice,
      occasion.foundUs,
      title,
      detail,
      link,
      deliveries.map(({ channel }) => channel),
      deliveries.map(({ state }) => state),
    ],
  );
  return rowCount === 1;
}

/** What rules told since a time, for the memory of another process; without tests. */
export async function toldSince(db: Client, sinceUs: number): Promise<(Occasion & { readonly ruleId: number })[]> {
  const { rows } = await db.query<Occasion & { ruleId: number }>(
    `SELECT rule_id AS "ruleId", occasion_id AS id, kind, instrument_id AS "instrumentId", low_price AS "lowPrice",
       ${US('found_time')} AS "foundUs"
     FROM gehra.alerts WHERE found_time >= to_timestamp($1::bigint / 1e6) AND kind <> 'test'`,
    [sinceUs],
  );
  return rows;
}

/** Keys of the alerts whose delivery on a channel has not ended, the oldest first. */
export async function openDeliveries(db: Pool, channel: AlertChannel, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ key: string }>(
    `SELECT alert_key AS key FROM gehra.alert_deliveries JOIN gehra.alerts USING (alert_key)
     WHERE channel = $1 AND state IN ('waiting', 'sending') ORDER BY created_at, alert_key LIMIT $2`,
    [channel, limit],
  );
  return rows.map(({ key }) => key);
}

export interface BegunDelivery {
  readonly ruleName: string;
  readonly title: string;
  readonly detail: string;
  readonly link: string;
  readonly createdMs: number;
  /** Whether an earlier attempt was never heard of again: who made it was killed, or its answer did not come. */
  readonly unknown: boolean;
  readonly attempts: number;
  /** Whether the rule was deleted since: who deletes one wants to hear no more of it. */
  readonly isRuleGone: boolean;
}

/** Notes that an attempt begins, before anything is sent. @returns null where it has ended, or is gone */
export async function beginDelivery(db: Pool, key: string, channel: AlertChannel): Promise<BegunDelivery | null> {
  const { rows } = await db.query<BegunDelivery>(
    `UPDATE gehra.alert_deliveries AS d
     SET state = 'sending', attempts = attempts + 1, unknown = unknown OR state = 'sending', changed_at = now()
     FROM gehra.alerts AS a
     WHERE a.alert_key = d.alert_key AND d.alert_key = $1 AND channel = $2 AND state IN ('waiting', 'sending')
     RETURNING rule_name AS "ruleName", title, detail, link, ${MS('created_at')} AS "createdMs", unknown, attempts,
       NOT EXISTS (SELECT FROM gehra.alert_rules AS r WHERE r.rule_id = a.rule_id) AS "isRuleGone"`,
    [key, channel],
  );
  return rows[0] ?? null;
}

export interface AttemptEnd {
  readonly state: 'waiting' | 'sent' | 'failed' | 'uncertain';
  readonly failure: string | null;
  /** Whether nobody knows if this attempt arrived. */
  readonly unknown: boolean;
  /** Whether anything was sent, or tried to be. */
  readonly made: boolean;
}

/** Notes how the attempt that was begun has ended. */
export async function endDelivery(
  db: Pool,
  key: string,
  channel: AlertChannel,
  { state, failure, unknown, made }: AttemptEnd,
): Promise<void> {
  await db.query(
    `UPDATE gehra.alert_deliveries SET state = $3, failure = $4, unknown = unknown OR $5, changed_at = now(),
       attempts = attempts - CASE WHEN $6 THEN 0 ELSE 1 END
     WHERE alert_key = $1 AND channel = $2 AND state = 'sending'`,
    [key, channel, state, failure, unknown, made],
  );
}

export interface AlertRow {
  readonly key: string;
  readonly ruleId: number;
  readonly ruleName: string;
  readonly instrumentId: number;
  readonly foundUs: number;
  readonly createdMs: number;
  readonly title: string;
  readonly detail: string;
  readonly deliveries: readonly {
    readonly channel: AlertChannel;
    readonly state: 'waiting' | 'sending' | 'sent' | 'failed' | 'uncertain' | 'held';
    readonly unknown: boolean;
    readonly attempts: number;
    readonly failure: string | null;
    readonly changedMs: number;
  }[];
}

/** The newest first. */
export async function newestAlerts(db: Pool, limit: number): Promise<AlertRow[]> {
  const { rows } = await db.query<AlertRow>(
    `SELECT alert_key AS key, rule_id AS "ruleId", rule_name AS "ruleName", instrument_id AS "instrumentId",
       ${US('found_time')} AS "foundUs", ${MS('created_at')} AS "createdMs", title, detail,
       (SELECT coalesce(json_agg(json_build_object('channel', channel, 'state', state, 'unknown', unknown, 'attempts', attempts,
          'failure', failure, 'changedMs', ${MS('changed_at')}) ORDER BY channel), '[]')
        FROM gehra.alert_deliveries AS d WHERE d.alert_key = a.alert_key) AS deliveries
     FROM gehra.alerts AS a ORDER BY created_at DESC, alert_key DESC LIMIT $1`,
    [limit],
  );
  return rows;
}

/** What a rule looks at of the signals first told within an interval, in the order in which they were. */
export async function signalsForRule(
  db: Pool,
  { kinds, detectors, side, minSeverity, minSize }: SignalWatch,
  instrumentIds: readonly number[] | null,
  fromUs: number,
  toUs: number,
  limit: number,
): Promise<RuleSignal[]> {
  const { rows } = await db.query<RuleSignal>(
    `SELECT signal_id AS id, kind, detector, instrument_id AS "instrumentId", low_price AS "lowPrice", side, size, severity,
       ${US('time')} AS "foundUs"
     FROM gehra.signals
     WHERE time >= to_timestamp($1::bigint / 1e6) AND time < to_timestamp($2::bigint / 1e6)
       AND ($3::integer[] IS NULL OR instrument_id = ANY ($3)) AND (cardinality($4::text[]) = 0 OR kind = ANY ($4))
       AND ($5::text IS NULL OR side = $5) AND severity >= $6 AND size >= $7
       AND ($9 = 'all' OR starts_with(detector, 'predecessor') = ($9 = 'predecessor'))
     ORDER BY time, signal_id LIMIT $8`,
    [fromUs, toUs, instrumentIds, kinds, side, minSeverity, minSize, limit, detectors],
  );
  return rows;
}

/** What rules decide by, of the signals that a backtest found, oldest first. */
export async function backtestSignalsForRules(db: Pool, backtestId: number, limit: number): Promise<RuleSignal[]> {
  const { rows } = await db.query<RuleSignal>(
    `SELECT signal_id AS id, kind, detector, instrument_id AS "instrumentId", low_price AS "lowPrice", side, size, severity,
       ${US('time')} AS "foundUs"
     FROM gehra.backtest_signals WHERE backtest_id = $1 ORDER BY time, signal_id LIMIT $2`,
    [backtestId, limit],
  );
  return rows;
}

/** Of one horizon: net markouts of signals, and of their random times, basis points. Medians are null where none was measured. */
export interface OutcomeMedians {
  readonly horizonS: number;
  readonly signals: number;
  readonly medianBps: number | null;
  readonly random: number;
  readonly randomMedianBps: number | null;
}

/** What these signals, live ones or those of a backtest, were worth, as the report card has it (db/outcomes.ts). */
export async function outcomeMedians(
  db: Pool,
  signalIds: readonly string[],
  backtestId: number | null,
): Promise<OutcomeMedians[]> {
  const of = backtestId === null ? 'gehra.signal_outcomes WHERE' : 'gehra.backtest_outcomes WHERE backtest_id = $3 AND';
  const { rows } = await db.query<OutcomeMedians>(
    `SELECT ($2::integer[])[at] AS "horizonS",
       count(bps) FILTER (WHERE sample = 0)::integer AS signals,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY bps) FILTER (WHERE sample = 0) AS "medianBps",
       count(bps) FILTER (WHERE sample > 0)::integer AS random,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY bps) FILTER (WHERE sample > 0) AS "randomMedianBps"
     FROM generate_series(1, cardinality($2::integer[])) AS at
     LEFT JOIN LATERAL (SELECT sample, net_bps[at] AS bps FROM ${of} signal_id = ANY ($1)) AS one ON true
     GROUP BY at ORDER BY at`,
    [signalIds, HORIZONS_S, ...(backtestId === null ? [] : [backtestId])],
  );
  return rows;
}

/** On which days (ISO, IST) of an interval anything was recorded, by the signals' or the trades' rows. */
export async function recordedDays(db: Pool, fromUs: number, toUs: number): Promise<string[]> {
  const { rows } = await db.query<{ day: string }>(
    `SELECT to_char(day, 'YYYY-MM-DD') AS day FROM generate_series(
       (to_timestamp($1::bigint / 1e6) AT TIME ZONE 'Asia/Kolkata')::date,
       (to_timestamp(($2::bigint - 1) / 1e6) AT TIME ZONE 'Asia/Kolkata')::date, interval '1 day') AS day
     WHERE EXISTS (SELECT FROM gehra.flow_minutes AS m WHERE m.time >= day::timestamp AT TIME ZONE 'Asia/Kolkata'
         AND m.time < (day + interval '1 day')::timestamp AT TIME ZONE 'Asia/Kolkata')
       OR EXISTS (SELECT FROM gehra.signals AS s WHERE s.time >= day::timestamp AT TIME ZONE 'Asia/Kolkata'
         AND s.time < (day + interval '1 day')::timestamp AT TIME ZONE 'Asia/Kolkata')
     ORDER BY day`,
    [fromUs, toUs],
  );
  return rows.map(({ day }) => day);
}

const EXPRESSIONS: Readonly<Record<MetricWatch['metric'], string>> = {
  last_price: 'last_price',
  spread: 'ask_prices[1] - bid_prices[1]',
  imbalance: 'imbalance',
};

export interface Crossing {
  /** µs since the epoch */
  readonly stampUs: number;
  /** In the units of the level. */
  readonly value: number;
}

/** Ticks that are looked through for the newest with a number: some never have it, as an index has no spread. */
const WITHOUT_MAX = 200;
/**
 * The newest tick of feed `live` that has a number, after one time up to another; none where it is farther back than
 * WITHOUT_MAX ticks.
 */
const newestWith = (value: string, from: string, to: string): string => `(
  SELECT time, value FROM (
    SELECT time, n, (${value})::float8 AS value FROM gehra.ticks
    WHERE instrument_id = $1 AND feed_id = live.feed_id AND time > ${from} AND time <= ${to}
    ORDER BY time DESC, n DESC LIMIT ${WITHOUT_MAX}) AS ticks
  WHERE value IS NOT NULL ORDER BY time DESC, n DESC LIMIT 1)`;
/** A broker whose newest tick is so much older than the other's is not waited for. */
const FEED_LAG = `interval '10 s'`;

export interface WatchedFeed {
  readonly feedId: number;
  /** Stamp of its newest tick that has the number, µs since the epoch. */
  readonly newestUs: number;
}

/**
 * The feed on which a number is watched now: Kite's, unless another one has a newer tick by more than FEED_LAG; null where no
 * tick has it since a time.
 */
export async function watchedFeed(
  db: Client,
  { metric }: MetricWatch,
  instrumentId: number,
  sinceUs: number,
  nowUs: number,
): Promise<WatchedFeed | null> {
  const { rows } = await db.query<WatchedFeed>(
    `SELECT "feedId", ${US('time')} AS "newestUs"
     FROM (SELECT live.feed_id AS "feedId", live.kind, live.number, newest.time, max(newest.time) OVER () AS of_all
           FROM gehra.feeds AS live, LATERAL
             ${newestWith(EXPRESSIONS[metric], 'to_timestamp($2::bigint / 1e6)', 'to_timestamp($3::bigint / 1e6)')} AS newest
           WHERE live.kind IN ('ticks', 'live')) AS feeds
     ORDER BY time >= of_all - ${FEED_LAG} DESC, kind = 'ticks' DESC, number LIMIT 1`,
    [instrumentId, sinceUs, nowUs],
  );
  return rows[0] ?? null;
}

/**
 * Ticks, after one stamp up to another, with which a number came over its level from the other side. Ticks without it are passed over.
 * From where the first of them came is the word of whichever feed spoke last: what crossed on one broker's feed has not crossed
 * again when the other's is looked at. Looked for over four days: a weekend, and options in which nothing trades for a day.
 */
export async function crossingsOf(
  db: Client | Pool,
  { metric, direction, level }: MetricWatch,
  instrumentId: number,
  feedId: number,
  fromUs: number,
  toUs: number,
  limit: number,
): Promise<Crossing[]> {
  const value = EXPRESSIONS[metric];
  const isOver = direction === 'above' ? '>' : '<';
  const from = 'to_timestamp($3::bigint / 1e6)';
  const { rows } = await db.query<Crossing>(
    `WITH came AS (
       SELECT newest.value FROM gehra.feeds AS live, LATERAL ${newestWith(value, `${from} - interval '4 days'`, from)} AS newest
       WHERE live.kind IN ('ticks', 'live') OR live.feed_id = $2
       ORDER BY newest.time DESC, live.feed_id = $2 DESC LIMIT 1),
     looked AS (
       SELECT time, n, (${value})::float8 AS value FROM gehra.ticks
       WHERE instrument_id = $1 AND feed_id = $2 AND time > ${from} AND time <= to_timestamp($4::bigint / 1e6)
         AND ${value} IS NOT NULL),
     pairs AS (
       SELECT time, value, coalesce(lag(value) OVER (ORDER BY time, n), (SELECT value FROM came)) AS before FROM looked)
     SELECT ${US('time')} AS "stampUs", value FROM pairs
     WHERE value ${isOver} $5 AND NOT before ${isOver} $5
     ORDER BY time LIMIT $6`,
    [instrumentId, feedId, fromUs, toUs, level, limit],
  );
  return rows;
}

/** How many signals of each kind were first told, and alerts made, from one instant to before another. */
export async function countsForDigest(
  db: Pool,
  fromUs: number,
  toUs: number,
): Promise<{ signals: { kind: string; count: number }[]; alerts: number }> {
  const between = (column: string): string =>
    `${column} >= to_timestamp($1::bigint / 1e6) AND ${column} < to_timestamp($2::bigint / 1e6)`;
  const { rows: signals } = await db.query<{ kind: string; count: number }>(
    `SELECT kind, count(*)::integer AS count FROM gehra.signals WHERE ${between('time')} GROUP BY kind ORDER BY 2 DESC, 1`,
    [fromUs, toUs],
  );
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM gehra.alerts WHERE ${between('created_at')}`,
    [fromUs, toUs],
  );
  return { signals, alerts: rows[0]?.count ?? 0 };
}

/** Forgets what is older. */
export async function forgetAlerts(db: Client, days: number): Promise<void> {
  await db.query('DELETE FROM gehra.alerts WHERE created_at < now() - make_interval(days => $1)', [days]);
}
