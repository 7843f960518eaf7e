/** The same market, live and out of its journal: the same signals, by the same names. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MarketResult, runMarket, runRecording } from '../../bench/signals/market-run.ts';
import type { ReplayEntry } from '../../lib/replay/source.ts';
import { StampMerge } from '../../lib/signals/merge.ts';
import type { Signal } from '../../lib/signals/signal.ts';
import { journalIn, MARKET_FEEDS } from '../../tests/support/journal-of-market.ts';
import { describeWithShared, sharedPath } from '../../tests/support/shared.ts';
import { Detectors } from './detectors.ts';

/** A busy machine takes its time for a quarter of an hour of market. */
const HOOK_MS = 300_000;
const hashOf = (signals: readonly Signal[]): string =>
  createHash('sha256').update(JSON.stringify(signals)).digest('hex');

let dir: string;
let live: MarketResult;
let replayed: ReplayEntry[];
beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'gehra-signals-'));
  const journal = journalIn(path.join(dir, 'synthetic'));
  live = runMarket({
    seed: 5,
    framesPerSecond: 4,
    seconds: 1080,
    eventsPerMinute: 4,
    instrument: 0,
    onRecord: journal.append,
  });
  replayed = await journal.replay();
}, HOOK_MS);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const through = (detectors: Detectors, entries: readonly ReplayEntry[]): Signal[] =>
  entries.flatMap(({ feedId, stampUs, bytes }) => detectors.take(feedId, stampUs, bytes));

describe('the detectors', () => {
  it('find in a journal what they found live, to the byte', () => {
    expect(live.signals.length).toBeGreaterThan(20);
    expect(hashOf(through(new Detectors(), replayed))).toBe(hashOf(live.signals));
  });

  it('find it however the feeds arrive', () => {
    const merge = new StampMerge<Uint8Array>();
    const detectors = new Detectors();
    const found: Signal[] = [];
    // One feed comes in lumps of 7, the other of 40: what is ahead waits.
    const waiting = new Map(MARKET_FEEDS.map(({ id }) => [id, replayed.filter(({ feedId }) => feedId === id)]));
    for (let round = 0; [...waiting.values()].some(({ length }) => length > 0); round += 1) {
      for (const [feedId, entries] of waiting) {
        if (feedId === 31 && round % 5 > 0 && (waiting.get(1)?.length ?? 0) > 0) continue;
        merge.push(
          feedId,
          entries.splice(0, feedId === 1 ? 7 : 70).map(({ stampUs, bytes }) => ({ stampUs, value: bytes })),
        );
      }
      for (const { feedId, stampUs, value } of merge.advance(0).entries)
        found.push(...detectors.take(feedId, stampUs, value));
    }
    const end = Number.MAX_SAFE_INTEGER;
    for (const { feedId, stampUs, value } of merge.advance(end).entries)
      found.push(...detectors.take(feedId, stampUs, value));
    expect(merge.takeMissed()).toEqual([]);
    expect(hashOf(found)).toBe(hashOf(live.signals));
  });

  it('go on from what was saved as if nothing had been, at whatever moment', () => {
    for (const share of [0.1, 0.5, 0.9]) {
      const cut = Math.floor(replayed.length * share);
      const first = new Detectors();
      const before = through(first, replayed.slice(0, cut));
      const second = new Detectors();
      expect(second.restore(first.save())).toBe(true);
      expect(hashOf([...before, ...through(second, replayed.slice(cut))])).toBe(hashOf(live.signals));
    }
  });

  it('name each state of each signal once', () => {
    const told = live.signals.map(({ id, state }) => `${id} ${state}`);
    expect(new Set(told).size).toBe(told.length);
  });

  it('find what was put into the market, and the evidence is frames that came', () => {
    const stamps = new Set(replayed.map(({ feedId, stampUs }) => `${feedId}/${stampUs}`));
    for (const { evidence, id } of live.signals) {
      expect(evidence.length, id).toBeGreaterThan(0);
      for (const frame of evidence) expect(stamps, id).toContain(frame.split('/').slice(0, 2).join('/'));
    }
    const pulled = live.labels.flatMap(({ claims }) => claims.filter(({ kind }) => kind === 'wall_pulled'));
    expect(pulled.length).toBeGreaterThan(0);
    for (const { lowPrice, toUs } of pulled) {
      expect(
        live.signals.some(
          (one) => one.kind === 'wall_pulled' && one.lowPrice === lowPrice && one.foundUs - toUs < 3_000_000,
        ),
      ).toBe(true);
    }
  });
});

describeWithShared('data', 'the detectors on a real day', () => {
  it('find in its journal what they found live, to the byte', { timeout: HOOK_MS }, async () => {
    const journal = journalIn(path.join(dir, 'shanghai'));
    const recorded = await runRecording({
      recording: sharedPath('data', 'sse-l3-20230711', '600536sh_events.csv.gz'),
      // A quarter of an hour of continuous trading.
      untilUs: Date.parse('2023-07-11T09:45:00+08:00') * 1000,
      onRecord: journal.append,
    });
    expect(recorded.signals.length).toBeGreaterThan(20);
    expect(hashOf(through(new Detectors(), await journal.replay()))).toBe(hashOf(recorded.signals));
  });
});
