/**
 * `./gehra candles`: has the running instance download a broker's historical candles, and shows how far it has come. The jobs
 * worker does it, so that one process alone keeps the brokers' pace. Ctrl-C here cancels what is under way; what has come stays, and
 * the same command goes on from there.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { askForCandles, cancelDownloads, type Download, downloadsOf } from '../../db/candles.ts';
import { type Client, connect } from '../../db/connect.ts';
import { findInstruments } from '../../db/instruments.ts';
import { loadConfig } from '../../lib/config/config.ts';
import { TIMEFRAMES, type Timeframe } from '../../lib/core/candles.ts';
import type { Broker } from '../../lib/core/feeds.ts';
import { type Instrument, parseSlug, slugOf } from '../../lib/core/instrument.ts';
import { addDays, formatIstDate, istMidnightUs } from '../../lib/core/ist.ts';
import { barStart } from '../../lib/orderflow/bars.ts';
import { sourceOf } from '../../lib/services/candles.ts';
import { RequestError } from '../../lib/services/errors.ts';
import { readRunningState } from '../instance/state.ts';
import { type Output, standardOutput } from '../terminal/steps.ts';
import { EXIT, UserError } from '../user-error.ts';

export interface CandlesAsked {
  readonly dataDir: string;
  readonly instruments: readonly string[];
  /** ISO dates in IST, both whole. */
  readonly from: string;
  readonly to: string;
  readonly interval: Timeframe;
  readonly broker: Broker | undefined;
}

const ASKED_BY = './gehra candles';
const LOOK_MS = 500;
/** Nobody works on it where nothing has moved for so long: a request takes a second, its patience two minutes. */
const SILENCE_MS = 180_000;

export async function candles(asked: CandlesAsked, output: Output = standardOutput): Promise<void> {
  const { databaseDirectUrl } = loadConfig();
  const url = databaseDirectUrl || readRunningState(asked.dataDir)?.databaseDirectUrl;
  if (!url) throw new UserError(`No instance is ready in ${asked.dataDir}. Start one with: ./gehra up`);
  const client = await connect(url, 'candles-verb');
  try {
    const ids = await ask(client, asked);
    const interrupt = new AbortController();
    const onInterrupt = (): void => interrupt.abort();
    process.once('SIGINT', onInterrupt);
    try {
      await follow(client, ids, output, interrupt.signal);
    } finally {
      process.off('SIGINT', onInterrupt);
    }
  } finally {
    await client.end();
  }
}

/** @returns ids of the downloads */
async function ask(client: Client, { instruments, from, to, interval, broker }: CandlesAsked): Promise<number[]> {
  const names = instruments.map((text) => {
    const name = parseSlug(text);
    if (!name)
      throw new UserError(`${text} is no instrument: write EXCHANGE:SYMBOL, as NFO:NIFTY26DECFUT.`, EXIT.usage);
    return name;
  });
  const found = await findInstruments(client, names);
  const known = new Set(found.map(slugOf));
  const unknown = names.filter((name) => !known.has(slugOf(name))).map(slugOf);
  if (unknown.length > 0) throw new UserError(`There is no instrument ${unknown.join(', ')}.`);
  const fromUs = barStart(istMidnightUs(from), TIMEFRAMES[interval]);
  // What has not happened yet is not asked for.
  const toUs = Math.min(istMidnightUs(addDays(to, 1)), Date.now() * 1000);
  if (toUs <= fromUs)
    throw new UserError(
      `Nothing can be had from ${from} to ${to}: today is ${formatIstDate(Date.now() * 1000)}.`,
      EXIT.usage,
    );
  const downloads = found.map((instrument) => ({
    askedBy: ASKED_BY,
    instrumentId: instrument.id,
    // Whether a broker is configured is the worker's to know: without its token the download waits, and says so.
    source: sourceFor(instrument, interval, broker),
    timeframe: interval,
    fromUs,
    toUs,
  }));
  return askForCandles(client, downloads);
}

function sourceFor(instrument: Instrument, interval: Timeframe, broker: Broker | undefined): Broker {
  try {
    return sourceOf(instrument, interval, broker, ['kite', 'dhan']);
  } catch (error) {
    throw error instanceof RequestError ? new UserError(error.message, EXIT.usage) : error;
  }
}

async function follow(client: Client, ids: readonly number[], output: Output, signal: AbortSignal): Promise<void> {
  const said = new Map<number, string>();
  const startedMs = Date.now();
  for (;;) {
    if (signal.aborted) await cancelDownloads(client, ids, ASKED_BY);
    const all = await downloadsOf(client, ids);
    for (const download of all) {
      const line = lineOf(download);
      if (said.get(download.id) !== line) output.write(`${line}\n`);
      said.set(download.id, line);
    }
    const waiting = all.filter(({ state }) => state === 'waiting');
    const failed = all.filter(({ state }) => state === 'failed');
    const cancelled = all.filter(({ state }) => state === 'cancelled');
    if (signal.aborted && cancelled.length > 0) {
      throw new UserError('Cancelled. What has come is kept: the same command goes on from there.');
    }
    if (waiting.length === 0) {
      if (cancelled.length > 0) {
        throw new UserError(
          `${cancelled.length} of ${all.length} downloads were cancelled; the same command goes on with them.`,
        );
      }
      if (failed.length === 0) return;
      throw new UserError(`${failed.length} of ${all.length} downloads failed; the lines above say why.`);
    }
    if (waiting.every(({ failure }) => failure !== null)) {
      throw new UserError('What is left waits; it goes on by itself. Progress is on the page Settings, Data kept.');
    }
    if (Date.now() - Math.max(startedMs, ...all.map(({ movedMs }) => movedMs)) > SILENCE_MS) {
      throw new UserError('Nothing has moved for minutes: see whether the process jobs runs, with ./gehra status.');
    }
    await pause(signal);
  }
}

/** Until it is time to look again, or Ctrl-C was pressed. */
async function pause(signal: AbortSignal): Promise<void> {
  try {
    await delay(LOOK_MS, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function lineOf({
  instrument,
  source,
  timeframe,
  state,
  fromUs,
  toUs,
  doneToUs,
  received,
  changed,
  refused,
  failure,
}: Download): string {
  const share = Math.floor((100 * (doneToUs - fromUs)) / (toUs - fromUs));
  const odd = refused > 0 ? `, ${refused} not believed` : '';
  const how = failure === null ? '' : ` (${failure})`;
  return `${instrument} ${timeframe} of ${source}: ${share} %, ${received} candles, ${changed} new or changed${odd}; ${state === 'waiting' ? 'under way' : state}${how}`;
}
