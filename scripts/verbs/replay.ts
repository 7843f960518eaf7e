/** `./gehra replay`: what was recorded in an interval, once more through the decoders, printed. */
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createPool } from '../../db/connect.ts';
import { findInstruments, instrumentsOf } from '../../db/instruments.ts';
import { loadConfig } from '../../lib/config/config.ts';
import { feedName } from '../../lib/core/feeds.ts';
import { type Instrument, parseSlug, slugOf } from '../../lib/core/instrument.ts';
import { ReplayPrinter } from '../../lib/replay/ndjson.ts';
import { type FoundReplay, findReplay, type ReplaySourceName } from '../../lib/services/replay-source.ts';
import { inIst } from '../../lib/services/times.ts';
import { readRunningState } from '../instance/state.ts';
import { table } from '../terminal/table.ts';
import { UserError } from '../user-error.ts';

export interface ReplayOptions {
  readonly dataDir: string;
  /** µs since the epoch. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Slugs; none: all that was recorded. */
  readonly instrument: readonly string[];
  /** Market seconds in a second, or `max`. */
  readonly speed: string;
  readonly json: boolean;
  readonly source: ReplaySourceName;
}

/** Waits shorter than this are not worth one, ms. */
const WAIT_MS_MIN = 2;

export async function replay(options: ReplayOptions): Promise<void> {
  const { dataDir, from, to, source } = options;
  if (to <= from) throw new UserError('--to must be later than --from.');
  const databaseUrl = loadConfig().databaseUrl || readRunningState(dataDir)?.databaseUrl;
  if (source === 'database' && !databaseUrl) {
    throw new UserError(`There is no database: no instance runs in ${dataDir}, and DATABASE_URL is not set.`);
  }
  const db =
    databaseUrl && source !== 'journal'
      ? createPool(databaseUrl, 'replay', (error) => process.stderr.write(`The database was lost: ${error.message}\n`))
      : null;
  try {
    const instruments = new Map<number, Instrument>();
    const only = await askedFor(options, db, instruments);
    const journalDir = path.join(dataDir, 'journal');
    const found = await findReplay({ db, journalDir }, { fromUs: from, toUs: to, instrumentIds: only }, source);
    if (!found) {
      throw new UserError(
        `Nothing was recorded from ${inIst(from)} to ${inIst(to)}: neither in ${journalDir} nor in a database that can be reached.`,
      );
    }
    if (db) {
      for (const one of await instrumentsOf(db, found.instrumentIds ?? [])) instruments.set(one.id, one);
    }
    await play(options, found, instruments, only);
  } finally {
    await db?.end();
  }
}

/** Ids of the slugs asked for; without a database the journal itself tells them. Null: all. */
async function askedFor(
  { instrument: slugs, from, to, dataDir }: ReplayOptions,
  db: ReturnType<typeof createPool> | null,
  instruments: Map<number, Instrument>,
): Promise<Set<number> | null> {
  if (slugs.length === 0) return null;
  const names = slugs.map((slug) => {
    const name = parseSlug(slug);
    if (!name) throw new UserError(`${slug} is no instrument: write EXCHANGE:SYMBOL, as in NFO:NIFTY26DECFUT.`);
    return name;
  });
  const known = db ? await findInstruments(db, names) : await namedInJournal(dataDir, from, to);
  const found = known.filter((one) => slugs.some((slug) => slug.toUpperCase() === slugOf(one).toUpperCase()));
  for (const slug of slugs) {
    if (!found.some((one) => slugOf(one).toUpperCase() === slug.toUpperCase())) {
      throw new UserError(`There is no instrument ${slug}.`);
    }
  }
  for (const one of found) instruments.set(one.id, one);
  return new Set(found.map(({ id }) => id));
}

async function namedInJournal(dataDir: string, fromUs: number, toUs: number): Promise<Instrument[]> {
  const interval = { fromUs, toUs, instrumentIds: null };
  const found = await findReplay({ db: null, journalDir: path.join(dataDir, 'journal') }, interval, 'journal');
  const named = new Map<number, Instrument>();
  // The events alone are wanted, but they stand among the frames.
  const source = found?.open(fromUs, (list) => {
    for (const one of list) named.set(one.id, one);
  });
  for (let next = await source?.next(); next && !next.done; next = await source?.next());
  return [...named.values()];
}

async function play(
  { from, to, speed, json }: ReplayOptions,
  found: FoundReplay,
  instruments: Map<number, Instrument>,
  only: Set<number> | null,
): Promise<void> {
  let full = false;
  const printer = new ReplayPrinter(from, instruments, only, (line) => {
    if (json && !process.stdout.write(line)) full = true;
  });
  printer.print({
    type: 'replay',
    version: 1,
    fromUs: from,
    toUs: to,
    feeds: found.feedIds.map(feedName),
  });
  const pace = new Pace(from, speed);
  const source = found.open(from, (list) => {
    for (const one of list) instruments.set(one.id, one);
  });
  for await (const entries of source) {
    for (const entry of entries) {
      await pace.until(entry.stampUs);
      printer.take(entry);
      if (full) {
        // A reader that is slower than the replay: what it has not taken is not kept in memory.
        full = false;
        await once(process.stdout, 'drain');
      }
    }
  }
  await pace.until(to);
  const sha256 = printer.digest();
  printer.print({ type: 'end', lines: printer.lines, sha256 });
  if (!json) summarise(printer, found, { from, to });
}

/** Waits until an instant of the market is due. */
class Pace {
  private readonly startMs = performance.now();
  private readonly perMs: number;

  constructor(
    private readonly fromUs: number,
    speed: string,
  ) {
    this.perMs = speed === 'max' ? Number.POSITIVE_INFINITY : Number(speed) * 1000;
  }

  async until(us: number): Promise<void> {
    const waitMs = (us - this.fromUs) / this.perMs - (performance.now() - this.startMs);
    if (waitMs > WAIT_MS_MIN) await delay(waitMs);
  }
}

function summarise(printer: ReplayPrinter, found: FoundReplay, { from, to }: { from: number; to: number }): void {
  const rows = [...printer.totals].map(([slug, it]) => [
    slug,
    String(it.sides),
    String(it.ticks),
    String(it.volume),
    String(it.delta),
    String(it.unattributed),
    String(it.gaps),
  ]);
  process.stdout.write(
    `${inIst(from)} to ${inIst(to)}, from the ${found.source}: ${found.feedIds.map(feedName).join(', ')}\n` +
      `${table([['instrument', 'sides', 'ticks', 'volume', 'delta', 'unattributed', 'gaps'], ...rows])}\n` +
      'Every line of it: --json.\n',
  );
}
