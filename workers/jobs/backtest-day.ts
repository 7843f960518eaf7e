/** A day of a backtest: the live worker's detectors over what was recorded and came to it in time, from nothing, as they begin each morning. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import {
  type BacktestDay,
  type BacktestRow,
  type FoundOutcome,
  type FoundSignal,
  storeBacktestDay,
} from '../../db/backtests.ts';
import { createPool, type Pool } from '../../db/connect.ts';
import { instrumentsById } from '../../db/instruments.ts';
import { missedFrames, signalsBetween } from '../../db/signals.ts';
import { MarketHours } from '../../lib/calendar/hours.ts';
import { TradingHours } from '../../lib/calendar/trading-hours.ts';
import type { Config } from '../../lib/config/config.ts';
import { CodecError } from '../../lib/core/bytes.ts';
import type { Exchange } from '../../lib/core/exchange.ts';
import { readEntered } from '../../lib/net/calendar-file.ts';
import type { DepthRecord, GapRecord } from '../../lib/queue/entry.ts';
import { findReplay } from '../../lib/services/replay-source.ts';
import { FRESH_US } from '../../lib/signals/detector.ts';
import type { DetectorChoice } from '../../lib/signals/detector-options.ts';
import { missedTest } from '../../lib/signals/merge.ts';
import { directionOf, HORIZONS_S, hourOf, measure, randomTimes, type Span } from '../../lib/signals/outcome.ts';
import type { Signal } from '../../lib/signals/signal.ts';
import { signalLine } from '../../lib/signals/signal-line.ts';
import { TouchHistory } from '../../lib/signals/touch-history.ts';
import { Detectors } from '../signals/detectors.ts';

/** More than this on a day, and a threshold is no threshold. */
const SIGNALS_MAX = 50_000;

export interface DayWork extends Span, Pick<Config, 'databaseUrl' | 'dataDir' | 'marketHours'> {
  readonly backtest: Pick<BacktestRow, 'id' | 'attempt' | 'instrumentIds' | keyof DetectorChoice>;
  /** ISO date in IST; the span is the part of it that is wanted. */
  readonly day: string;
}

/** What cannot be mended by another attempt, in words for whoever asked. */
export class BacktestError extends Error {
  override readonly name = 'BacktestError';
}

/**
 * @param onProgress told the share of the day that is done
 * @returns false where nobody waits for it any more
 * @throws BacktestError
 */
export async function runDay(work: DayWork, onProgress: (share: number) => void): Promise<boolean> {
  const { backtest, day, fromUs, toUs } = work;
  let lost: Error | null = null;
  const db = createPool(work.databaseUrl, 'backtest', (error) => {
    lost = error;
  });
  try {
    const only = backtest.instrumentIds && new Set(backtest.instrumentIds);
    const places = { db, journalDir: path.join(work.dataDir, 'journal') };
    const found = await findReplay(places, { fromUs, toUs, instrumentIds: only }, 'auto');
    const wasMissed = missedTest(await missedFrames(db, fromUs, toUs));
    const detectors = new WatchingDetectors(only, backtest);
    const signals = new Map<string, FoundSignal>();
    let entries = 0;
    for await (const batch of found?.open(fromUs) ?? []) {
      if (lost) throw lost;
      for (const { feedId, stampUs, bytes } of batch) {
        // What leads up to the day is not looked at: what comes out depends on the day's frames alone.
        if (stampUs < fromUs || wasMissed(feedId, stampUs)) continue;
        entries += 1;
        try {
          for (const signal of detectors.take(feedId, stampUs, bytes)) {
            signals.set(signal.id, { signal, timeUs: signals.get(signal.id)?.timeUs ?? signal.foundUs });
          }
        } catch (error) {
          // As live: an entry that cannot be read is left out.
          if (!(error instanceof CodecError)) throw error;
        }
      }
      if (signals.size > SIGNALS_MAX) {
        throw new BacktestError(`More than ${SIGNALS_MAX} signals on ${day}: raise the thresholds, or ask for less.`);
      }
      const lastUs = batch.at(-1)?.stampUs;
      if (lastUs !== undefined) onProgress(Math.min(1, Math.max(0, (lastUs - fromUs) / (toUs - fromUs))));
    }
    const told = inOrder([...signals.values()]);
    const done: BacktestDay = {
      day,
      // A journal that goes on over a day without anything is found all the same.
      source: entries === 0 ? null : (found?.source ?? null),
      entries,
      signals: told.length,
      hash: hashOf(told),
      ...(await foundLive(db, work)),
    };
    const outcomes = await outcomesOf(db, work, told, detectors);
    return await storeBacktestDay(db, backtest, done, told, outcomes);
  } finally {
    await db.end();
  }
}

/** The detectors, and what outcomes are measured by: best prices, and when a feed was silent. */
class WatchingDetectors extends Detectors {
  private readonly histories = new Map<string, TouchHistory>();
  private readonly silences = new Map<string, GapRecord & { readonly feedId: number }>();
  private nowFeedId = 0;

  override take(feedId: number, stampUs: number, bytes: Uint8Array): Signal[] {
    this.nowFeedId = feedId;
    return super.take(feedId, stampUs, bytes);
  }

  override onDepth(record: DepthRecord): void {
    super.onDepth(record);
    const { instrumentId, side, stampUs, levels } = record;
    if (this.isLeftOut(instrumentId)) return;
    const key = `${this.nowFeedId} ${instrumentId}`;
    let history = this.histories.get(key);
    if (!history) {
      history = new TouchHistory();
      this.histories.set(key, history);
    }
    history.push(side, stampUs, levels.count === 0 ? null : (levels.prices[0] as number));
  }

  override onGap(gap: GapRecord): void {
    super.onGap(gap);
    // Told when it is noticed, and again with its end.
    this.silences.set(`${this.nowFeedId} ${gap.fromUs}`, { ...gap, feedId: this.nowFeedId });
  }

  /** Everything of the book that a signal was found in. */
  behind({ feedId, instrumentId }: Signal): {
    readonly history: TouchHistory;
    readonly gaps: readonly { readonly fromUs: number; readonly toUs: number | null }[];
  } {
    const history = this.histories.get(`${feedId} ${instrumentId}`);
    if (!history) throw new Error(`a signal of a book that never came: ${feedId} ${instrumentId}`);
    const gaps = [...this.silences.values()]
      .filter((gap) => gap.feedId === feedId && gap.instrumentIds.includes(instrumentId))
      .map(({ fromUs, toUs }) => ({ fromUs, toUs: toUs || null }));
    return { history, gaps };
  }
}

/** By when they were first told; those of one moment by name. */
const inOrder = (signals: readonly FoundSignal[]): FoundSignal[] =>
  signals.toSorted((a, b) => a.timeUs - b.timeUs || (a.signal.id < b.signal.id ? -1 : 1));

/** SHA-256 over the signals, each as a line, in the order given. */
export function hashOf(signals: readonly FoundSignal[]): string {
  const hash = createHash('sha256');
  for (const { signal, timeUs } of signals) hash.update(`${signalLine(signal, timeUs)}\n`);
  return hash.digest('hex');
}

/** What the live worker had found of the same; with other parameters nothing could be alike. */
async function foundLive(
  db: Pool,
  { backtest, fromUs, toUs }: DayWork,
): Promise<Pick<BacktestDay, 'liveHash' | 'liveSignals'>> {
  const { instrumentIds, detectors, overrides } = backtest;
  if (Object.keys(overrides).length > 0) return { liveHash: null, liveSignals: 0 };
  const rows = await signalsBetween(db, { fromUs, toUs, instrumentIds, detectors });
  const live = inOrder(rows.map(({ timeUs, ...signal }) => ({ signal, timeUs })));
  return { liveHash: live.length === 0 ? null : hashOf(live), liveSignals: live.length };
}

/** What each signal was worth, and its random times: as of live ones (lib/signals/outcome.ts), out of what was gone through. */
async function outcomesOf(
  db: Pool,
  work: DayWork,
  told: readonly FoundSignal[],
  detectors: WatchingDetectors,
): Promise<FoundOutcome[]> {
  const hours = new MarketHours(work.marketHours, readEntered(work.dataDir));
  const ids = [...new Set(told.map(({ signal }) => signal.instrumentId))];
  const known = new Map(
    (await instrumentsById(db, ids)).map(({ instrument: { id, exchange, tickSize } }) => [
      id,
      { tickSize, session: sessionWithin(hours, exchange, work) },
    ]),
  );
  return told.flatMap(({ signal, timeUs }) => {
    const instrument = known.get(signal.instrumentId);
    if (!instrument) throw new BacktestError(`Signals of an instrument that is not known: ${signal.instrumentId}.`);
    const { session, tickSize } = instrument;
    const inSession = session !== null && timeUs >= session.fromUs && timeUs < session.toUs;
    const random = inSession ? randomTimes(signal.id, hourOf(timeUs, session)) : [];
    const { history, gaps } = detectors.behind(signal);
    // As the detectors have it: of a slow feed a side stands for two and a half frames.
    const staleUs = Math.max(FRESH_US, 2500 * signal.quality.frameMs);
    return [timeUs, ...random].map((atUs, sample): FoundOutcome => {
      const touches = [0, ...HORIZONS_S].map((seconds) => history.at(atUs + seconds * 1_000_000, staleUs));
      const direction = directionOf(signal);
      const { ticks, bps, reasons } = measure({ atUs, direction, tickSize, session, gaps, touches });
      return { signalId: signal.id, sample, ticks, bps, reasons };
    });
  });
}

/** The part of a day's session that was gone through; null where there is none. */
function sessionWithin(hours: MarketHours, exchange: Exchange, { day, fromUs, toUs }: DayWork): Span | null {
  const session = new TradingHours(hours, exchange).sessionOn(day);
  if (!session) return null;
  const within = { fromUs: Math.max(session.fromUs, fromUs), toUs: Math.min(session.toUs, toUs) };
  return within.toUs > within.fromUs ? within : null;
}
