/**
 * What must be true after a run, whatever happened in it (I1 to I8): the exchange's ledger, the journal and the database say the same, but
 * for frames that fell into a declared gap.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { missedFrames } from '../../db/signals.ts';
import { ABSENT } from '../../lib/core/absent.ts';
import { feedById } from '../../lib/core/feeds.ts';
import { type FlowTick, flowRows } from '../../lib/orderflow/flow-rows.ts';
import { findReplay } from '../../lib/services/replay-source.ts';
import { StampMerge } from '../../lib/signals/merge.ts';
import { Detectors } from '../../workers/signals/detectors.ts';
import { Batch } from '../../workers/writer/batch.ts';
import type { SentSeries } from '../support/instance.ts';
import {
  type Gap,
  type LedgerFrame,
  outagesOf,
  sentFrames,
  storedFrames,
  storedGaps,
} from '../support/sent-and-stored.ts';
import { compareFrames, FeedTimeline, gapOver, type Interval, joined, overlaps } from './compare.ts';
import { type ChaosSystem, until } from './system.ts';

/** A gap with what is known of it. */
export interface CheckedGap extends Gap {
  /** Frames sent and not stored that it explains. */
  lost: number;
  /** How much longer it is than the outages under it, µs. */
  readonly excessUs: number;
}

export interface Verdict {
  /** What is wrong, in words; empty: nothing. */
  readonly wrong: string[];
  readonly sent: number;
  readonly stored: number;
  readonly lost: number;
  readonly copies: number;
  readonly gaps: readonly CheckedGap[];
  readonly bars: number;
  /** Stored ones, and how many of them a run over the journal finds again. */
  readonly signals: { readonly stored: number; readonly again: number; readonly sharedNames: number };
}

/** An outage that the exchange cannot know of, because we kept back what it sent. */
export interface HiddenOutage extends Interval {
  readonly broker: 'kite' | 'dhan';
}

/** What the checks have to know of a run. */
interface WhatHappened {
  readonly hidden: readonly HiddenOutage[];
  /** When no journal could be written. */
  readonly unjournalled: readonly Interval[];
  readonly pausedUs: number;
}

interface ReportedSeries extends SentSeries {
  readonly injected: { readonly duplicates: number };
}

/** So many findings of one kind are told. */
const TOLD = 3;
/** Outages that follow each other so closely are one to whoever reconnects. */
const JOINED_WITHIN_US = 1_500_000;
/** The last frame of a feed comes so long before the exchange pauses, at most. */
const BEFORE_PAUSE_US = 2_000_000;
/** A disk may be full a moment before it is said to be; a bar begins with its second. */
const FILLING_US = 1_000_000;
/** A journal that could not be written is tried again after 5 s. */
const JOURNAL_AGAIN_US = 6_000_000;
/** The first tick after what the journal lacks brings what was traded meanwhile: another bar than the one that was stored. */
const NEXT_TICK_US = 30_000_000;
const brokerOf = (feed: string): string => (feed === 'kite' ? 'kite' : 'dhan');

/** Checks a system whose exchange is paused and whose writers have caught up. */
export async function checkAll(
  system: ChaosSystem,
  { hidden, unjournalled, pausedUs }: WhatHappened,
): Promise<Verdict> {
  const wrong: string[] = [];
  const tell = (what: string, findings: readonly string[]): void => {
    if (findings.length === 0) return;
    const more = findings.length > TOLD ? `, and ${findings.length - TOLD} more` : '';
    wrong.push(`${what}: ${findings.slice(0, TOLD).join('; ')}${more}`);
  };
  const journal = await readJournal(system);
  await untilStored(system, journal.lastStamps);
  const frames = await checkFrames(system, hidden, pausedUs, tell);
  const kept = await checkJournal(system, journal, unjournalled, tell);
  return { wrong, ...frames, ...kept };
}

type Tell = (what: string, findings: readonly string[]) => void;

/** I1 to I4 and I6. */
async function checkFrames(system: ChaosSystem, hidden: readonly HiddenOutage[], pausedUs: number, tell: Tell) {
  const { feeds } = await system.exchange<{
    feeds: { feed: string; kind: string; instruments: Omit<ReportedSeries, 'feed' | 'kind'>[] }[];
  }>('/accounting');
  const timeline = new FeedTimeline();
  const losses: { name: string; feeds: ReadonlySet<number>; feed: string; frames: readonly LedgerFrame[] }[] = [];
  const strange: string[] = [];
  const uncounted: string[] = [];
  let [sentTotal, storedTotal, copies] = [0, 0, 0];
  for (const { feed, kind, instruments } of feeds) {
    for (const { instrument, frames, injected } of instruments) {
      if (frames === 0) continue;
      const name = `${feed} ${kind} ${instrument}`;
      const series = { feed, kind, instrument };
      const [sent, stored] = [await sentFrames(system, series), await storedFrames(system, series)];
      if (sent.length !== frames) uncounted.push(`${name}: ${frames} sent, ${sent.length} in the ledger`);
      const compared = compareFrames(sent, stored, injected.duplicates);
      timeline.add(compared.matched);
      if (compared.strange.length > 0) {
        const first = compared.strange[0]?.stampUs ?? 0;
        strange.push(`${name}: ${compared.strange.length} from ${new Date(first / 1000).toISOString()} on`);
      }
      losses.push({ name, feed, feeds: new Set(stored.map(({ feedId }) => feedId)), frames: compared.lost });
      sentTotal += sent.length;
      storedTotal += compared.matched.length;
      copies += compared.copies;
    }
  }
  tell('the ledger does not hold all that was sent', uncounted);
  tell('I2, I3, I6: stored frames that were not sent, or stand out of order or twice', strange);

  timeline.sort();
  const outages = await allOutages(system, hidden);
  const nowUs = Date.now() * 1000;
  // The exchange is paused: that its feeds are silent since then is true.
  const isOurs = ({ fromUs }: Gap): boolean => fromUs >= pausedUs - BEFORE_PAUSE_US;
  const candidatesOfAll = (await storedGaps(system)).map((gap) => {
    const whole = { ...gap, toUs: Math.min(gap.toUs, nowUs) };
    const under = (outages.get(brokerOf(gap.feed)) ?? []).filter((outage) => overlaps(outage, whole, JOINED_WITHIN_US));
    const longest = Math.max(0, ...under.map(({ fromUs, toUs }) => toUs - fromUs));
    return {
      ...gap,
      ...timeline.around(gap),
      lost: 0,
      hasOutage: under.length > 0,
      excessUs: whole.toUs - gap.fromUs - longest,
    };
  });
  const uncovered: string[] = [];
  let lost = 0;
  for (const { name, feed, feeds: own, frames } of losses) {
    const candidates = candidatesOfAll.filter((gap) => gap.feed === feed && (own.size === 0 || own.has(gap.feedId)));
    for (const frame of frames) {
      lost += 1;
      const gap = gapOver(frame, candidates) as (typeof candidatesOfAll)[number] | undefined;
      if (gap) gap.lost += 1;
      else uncovered.push(`${name} sent at ${new Date(frame.sentUs / 1000).toISOString()}`);
    }
  }
  tell('I1, I4: frames that are neither stored nor within a gap', uncovered);
  const gaps = candidatesOfAll.filter((gap) => !isOurs(gap));
  const said = (gap: Gap): string =>
    `${feedById(gap.feedId).name} by ${gap.cause} from ${new Date(gap.fromUs / 1000).toISOString()} for ${((gap.toUs - gap.fromUs) / 1e6).toFixed(1)} s`;
  tell('I4: gaps where nothing was cut', gaps.filter(({ hasOutage }) => !hasOutage).map(said));
  tell('I4: gaps that are still open', gaps.filter(({ toUs }) => toUs === Number.POSITIVE_INFINITY).map(said));
  tell('I4: gaps in which frames were received', gaps.filter((gap) => timeline.within(gap) > 0).map(said));
  return { sent: sentTotal, stored: storedTotal, lost, copies, gaps };
}

/** What the exchange knows of, and what we kept from the collectors, by broker. */
async function allOutages(system: ChaosSystem, hidden: readonly HiddenOutage[]): Promise<Map<string, Interval[]>> {
  const nowUs = Date.now() * 1000;
  const known = (await outagesOf(system)).map(({ feed, fromUs, toUs }) => ({
    broker: brokerOf(feed),
    fromUs,
    toUs: toUs ?? nowUs,
  }));
  const all = [...known, ...hidden];
  return new Map(
    ['kite', 'dhan'].map((broker) => [
      broker,
      joined(
        all.filter((outage) => outage.broker === broker),
        JOINED_WITHIN_US,
      ),
    ]),
  );
}

/** What the journal holds, and what is made of it. */
interface Journal {
  readonly names: ReadonlySet<string>;
  /** Stamp of each feed's last record, µs. */
  readonly lastStamps: ReadonlyMap<number, number>;
  readonly flow: readonly FlowTick[];
  /** State of each signal by its name. */
  readonly signals: ReadonlyMap<string, string>;
}

async function readJournal(system: ChaosSystem): Promise<Journal> {
  const found = await findReplay(
    { db: null, journalDir: path.join(system.dataDir, 'journal') },
    { fromUs: 0, toUs: Number.MAX_SAFE_INTEGER, instrumentIds: null },
    'journal',
  );
  const journalled = new Set<string>();
  const lastStamps = new Map<number, number>();
  const flow: FlowTick[] = [];
  // What came too late for the worker is in the journal all the same.
  const merge = new StampMerge<Buffer>(
    await system.database((client) => missedFrames(client, 0, Number.MAX_SAFE_INTEGER)),
  );
  const batch = new Batch();
  const detectors = new Detectors();
  const again = new Map<string, string>();
  for await (const entries of found?.open(0) ?? []) {
    for (const { feedId, stampUs, bytes } of entries) {
      if (!bytes) continue;
      lastStamps.set(feedId, stampUs);
      batch.add(feedId, 0, { stampUs, bytes });
      merge.push(feedId, [{ stampUs, value: bytes }]);
    }
    for (const origin of [...batch.origins.depth, ...batch.origins.ticks]) {
      journalled.add(`${origin.feedId} ${origin.stampUs} ${origin.n}`);
      if (origin.flow) flow.push(origin.flow);
    }
    batch.clear();
  }
  for (const { feedId, stampUs, value } of merge.advance(Number.MAX_SAFE_INTEGER).entries) {
    for (const { id, state } of detectors.take(feedId, stampUs, value)) again.set(id, state);
  }
  return { names: journalled, lastStamps, flow, signals: again };
}

/** Waits until the writers have what the collectors left behind. */
async function untilStored(system: ChaosSystem, lastStamps: ReadonlyMap<number, number>): Promise<void> {
  await until('the writers to have stored the end of the journal', async () => {
    const rows = await system.sql<{ feedId: number; position: string }>(
      'SELECT feed_id AS "feedId", position FROM gehra.feed_positions',
    );
    const positions = new Map(rows.map(({ feedId, position }) => [feedId, Number(position)]));
    return [...lastStamps].every(([feedId, us]) => (positions.get(feedId) ?? 0) >= us) || undefined;
  });
}

/** I5 and I7: everything that the journal holds is stored, and what was made of it live is what it makes again. */
async function checkJournal(
  system: ChaosSystem,
  { names: journalled, flow, signals: again }: Journal,
  unjournalled: readonly Interval[],
  tell: Tell,
) {
  const within = (us: number, afterUs: number): boolean =>
    unjournalled.some(({ fromUs, toUs }) => us >= fromUs - FILLING_US && us <= toUs + afterUs);
  const rows = await system.sql<{ key: string }>(
    `SELECT feed_id || ' ' || (extract(epoch FROM time) * 1e6)::bigint || ' ' || n AS key FROM gehra.depth_snapshots
     UNION ALL SELECT feed_id || ' ' || (extract(epoch FROM time) * 1e6)::bigint || ' ' || n FROM gehra.ticks`,
  );
  const stored = new Set(rows.map(({ key }) => key));
  tell('I2: names that stand twice', rows.length === stored.size ? [] : [`${rows.length - stored.size} rows`]);
  tell(
    'I5: in the journal and not stored',
    [...journalled].filter((key) => !stored.has(key)),
  );
  tell(
    'I5: stored and not in the journal',
    [...stored].filter((key) => !journalled.has(key) && !within(Number(key.split(' ')[1]), JOURNAL_AGAIN_US)),
  );

  const line = (...parts: (string | number)[]): string => parts.join(' ');
  const secondOf = (bar: string): number => Number(bar.split(' ')[2]);
  const bars = flowRows(flow).bars.map((b) =>
    line(
      b.instrumentId,
      b.feedId,
      b.fromUs,
      b.open,
      b.high,
      b.low,
      b.close,
      b.buy,
      b.sell,
      b.unknown,
      b.unattributed,
      b.minDelta,
      b.maxDelta,
      b.trades,
      b.value,
    ),
  );
  const storedBars = await system.sql<{ line: string }>(
    `SELECT concat_ws(' ', instrument_id, feed_id, (extract(epoch FROM time) * 1e6)::bigint, coalesce(open, $1::bigint), coalesce(high, $1), coalesce(low, $1),
       coalesce(close, $1), buy, sell, unknown, unattributed, min_delta, max_delta, trades, value) AS line FROM gehra.flow_bars`,
    [ABSENT],
  );
  const known = new Set(storedBars.map((row) => row.line));
  tell(
    'I7: bars that the journal makes and that are not stored',
    bars.filter((bar) => !known.has(bar) && !within(secondOf(bar), NEXT_TICK_US)),
  );
  const made = new Set(bars);
  tell(
    'I7: stored bars that the journal does not make',
    [...known].filter((bar) => !made.has(bar) && !within(secondOf(bar), NEXT_TICK_US)),
  );

  const signals = await system.sql<{ id: string; state: string }>('SELECT signal_id AS id, state FROM gehra.signals');
  return {
    bars: bars.length,
    signals: {
      stored: signals.length,
      again: again.size,
      sharedNames: signals.filter(({ id }) => again.has(id)).length,
    },
  };
}

/** What a process holds open and in memory. */
export interface Holdings {
  readonly descriptors: number;
  readonly rssMib: number;
}

const PAGE_BYTES = 4096;

/** Of every process of the instance that runs now. */
export function holdingsOf(system: ChaosSystem): Map<string, Holdings> {
  const all = new Map<string, Holdings>();
  for (const [name, { pid }] of system.children) {
    if (pid === undefined) continue;
    try {
      const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
      all.set(name, {
        descriptors: readdirSync(`/proc/${pid}/fd`).length,
        rssMib: (pages * PAGE_BYTES) / 1024 / 1024,
      });
    } catch {
      // It ended between the two looks.
    }
  }
  return all;
}
