/**
 * After the close: each instrument's day as it was recorded, held against the broker's candles of it. What was found before is
 * not looked at again, so a run that was cut short goes on where it was.
 */
import { storeCandles } from '../../db/candles.ts';
import { type Client, connect } from '../../db/connect.ts';
import {
  type GapOfFeed,
  gapsTouching,
  indexMinutes,
  type Recorded,
  reconciliationsOf,
  recordedBetween,
  storedUpTo,
  storeReconciliation,
  toldDay,
} from '../../db/coverage.ts';
import { flowBars } from '../../db/flow.ts';
import { instrumentsOf } from '../../db/instruments.ts';
import { BrokerError } from '../../lib/auth/broker-call.ts';
import type { MarketHours } from '../../lib/calendar/hours.ts';
import { TradingHours } from '../../lib/calendar/trading-hours.ts';
import type { Config } from '../../lib/config/config.ts';
import type { Exchange } from '../../lib/core/exchange.ts';
import { type Broker, feedById } from '../../lib/core/feeds.ts';
import { addDays, formatIstDate, istMidnightUs } from '../../lib/core/ist.ts';
import type { Log } from '../../lib/obs/log.ts';
import { coverageOfDay } from '../../lib/orderflow/coverage.ts';
import { reconcile } from '../../lib/orderflow/reconcile.ts';
import { type CandleSource, NoToken } from './candles/candle-source.ts';

const MINUTE_US = 60_000_000;
const DAY_US = 86_400_000_000;
/** Days that are looked at again where a broker could not be asked on their evening. */
const DAYS_BACK = 5;
/** A broker's candles of a minute are there so long after it. */
const SETTLED_US = 2 * MINUTE_US;

export interface ReconciliationParts {
  readonly config: Config;
  readonly hours: MarketHours;
  readonly source: CandleSource;
  readonly log: Log;
  readonly nowUs: number;
}

/**
 * Looks at the days that are due: those of the last week that are over. Whoever asks for it by hand has today's too, as far as
 * it has come, and all of it anew.
 *
 * @throws where a broker could not be asked: it is tried again later
 */
export async function reconcileDue(
  parts: ReconciliationParts,
  askedBy: string | null,
  signal: AbortSignal,
): Promise<void> {
  const { config, nowUs } = parts;
  const client = await connect(config.databaseUrl, 'reconciliation');
  const failures = new Set<string>();
  try {
    const today = formatIstDate(nowUs);
    for (let back = DAYS_BACK; back >= 0; back -= 1) {
      await reconcileDay(parts, client, addDays(today, -back), {
        partly: askedBy !== null && back === 0,
        signal,
        failures,
      });
    }
  } finally {
    await client.end();
  }
  if (failures.size > 0) throw new Error([...failures].join('; '));
}

interface DayOptions {
  /** Also what is not over yet. */
  readonly partly: boolean;
  readonly signal: AbortSignal;
  /** Where a broker cannot be asked, why. */
  readonly failures: Set<string>;
}

async function reconcileDay(
  parts: ReconciliationParts,
  client: Client,
  day: string,
  { partly, signal, failures }: DayOptions,
): Promise<void> {
  const { hours, nowUs, log } = parts;
  const fromUs = istMidnightUs(day);
  const recorded = await recordedBetween(client, fromUs, fromUs + DAY_US);
  const gaps = await gapsTouching(client, fromUs, fromUs + DAY_US);
  const positions = await storedUpTo(client);
  const known = await reconciliationsOf(client, day);
  const done = new Set(
    known.filter(({ final }) => final).map(({ instrumentId, feedId }) => `${instrumentId} ${feedId}`),
  );
  const silent = new Set<Broker>();
  let made = 0;
  for (const one of recorded) {
    signal.throwIfAborted();
    const { broker } = feedById(one.feedId);
    const endUs = new TradingHours(hours, one.exchange as Exchange).phasesOn(day).at(-1)?.toUs;
    if (endUs === undefined || silent.has(broker) || done.has(`${one.instrumentId} ${one.feedId}`)) continue;
    // Only whole minutes that are stored here and settled there.
    const position = positions.get(one.feedId) ?? 0;
    const reachedUs = Math.floor(Math.min(position, nowUs - SETTLED_US) / MINUTE_US) * MINUTE_US;
    const isOver = nowUs - SETTLED_US >= endUs;
    if (!isOver && (!partly || reachedUs <= fromUs)) continue;
    try {
      const untilUs = isOver ? endUs : reachedUs;
      await reconcileOne(parts, client, day, one, {
        gaps,
        untilUs,
        final: isOver && position >= endUs,
        position,
        signal,
      });
      made += 1;
    } catch (error) {
      if (error instanceof NoToken) silent.add(broker);
      else if (!(error instanceof BrokerError)) throw error;
      failures.add(`${broker}: ${error.message}`);
    }
  }
  if (made > 0) log.info({ event: 'day_reconciled', day, instruments: made, of: recorded.length });
}

interface OneOptions {
  readonly gaps: readonly GapOfFeed[];
  readonly untilUs: number;
  /** Nothing of the day will come any more. */
  readonly final: boolean;
  /** Up to which the feed is stored. */
  readonly position: number;
  readonly signal: AbortSignal;
}

async function reconcileOne(
  { hours, source }: ReconciliationParts,
  client: Client,
  day: string,
  { instrumentId, feedId, exchange, isIndex, firstRecordedUs }: Recorded,
  { gaps, untilUs, final, position, signal }: OneOptions,
): Promise<void> {
  const [instrument] = await instrumentsOf(client, [instrumentId]);
  const { broker } = feedById(feedId);
  const number = broker === 'kite' ? instrument?.kiteToken : instrument?.dhanSecurityId;
  // It left the dumps since, and its number may be another's.
  if (!instrument || number === null) return;
  const fromUs = istMidnightUs(day);
  const series = { instrumentId, feedId, fromUs, toUs: untilUs };
  const { candles } = await source.fetch(broker, { instrument, timeframe: 'minute', fromUs, toUs: untilUs }, signal);
  await storeCandles(client, { instrumentId, source: broker, timeframe: 'minute' }, candles);
  const bars = isIndex ? await indexMinutes(client, series) : await flowBars(client, { ...series, barUs: MINUTE_US });
  const told = await toldDay(client, series);
  const own = gaps.filter((gap) => gap.feedId === feedId && gap.instrumentIds.includes(instrumentId));
  // Whoever recorded it has not come back yet to say why.
  const open = position < untilUs ? [{ fromUs: position, toUs: null, cause: 'not_stored' }] : [];
  const coverage = coverageOfDay(new TradingHours(hours, exchange as Exchange), day, [...own, ...open], {
    heardFromUs: firstRecordedUs,
    untilUs,
  });
  const cut = !final || hours.mode === 'always';
  const found = reconcile({ candles, bars, missed: coverage.missed, told, cut });
  await storeReconciliation(client, day, {
    instrumentId,
    feedId,
    untilUs,
    final,
    coverage: coverage.share,
    found,
  });
}
