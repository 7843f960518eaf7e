/**
 * The brokers' historical candles: for the time before recording began. They are never joined to our own bars here: an answer is
 * of one source and names it, and says from when on there are trades of our own.
 */
import type { z } from 'zod';
import {
  askForCandles,
  cancelDownloads,
  candleCounts,
  candlesBetween,
  type Download,
  downloadsOf,
  firstRecordedUs,
  listDownloads,
  resumeDownload,
} from '../../db/candles.ts';
import { findInstruments } from '../../db/instruments.ts';
import type { DownloadBody, DownloadId } from '../api/candles.ts';
import type { Answer, Query } from '../api/operations.ts';
import { isPresent } from '../core/absent.ts';
import { REQUEST_DAYS, TIMEFRAMES, type Timeframe } from '../core/candles.ts';
import type { Broker } from '../core/feeds.ts';
import { type Instrument, parseSlug, slugOf } from '../core/instrument.ts';
import { barStart } from '../orderflow/bars.ts';
import type { Caller } from './access.ts';
import { audit } from './audit.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { inIst } from './times.ts';

const CANDLES_MAX = 20_000;
const DOWNLOADS_SHOWN = 50;
const US_PER_DAY = 86_400_000_000;

/** @throws RequestError 404, 422 */
export async function candles(
  caller: Caller,
  query: Query<'/api/orderflow/candles'>,
): Promise<Answer<'/api/orderflow/candles'>> {
  caller.mustBe('viewer');
  mustBeForward(query);
  if ((query.to - query.from) / TIMEFRAMES[query.interval] > CANDLES_MAX) {
    throw new RequestError(
      422,
      'Too many candles',
      `At most ${CANDLES_MAX} candles a request: ask for ${Math.floor((CANDLES_MAX * TIMEFRAMES[query.interval]) / US_PER_DAY)} days or less, or for longer candles.`,
    );
  }
  const { db } = services();
  const [instrument] = await instrumentsNamed([query.instrument]);
  const { id, priceScale } = instrument as Instrument;
  const interval = { fromUs: barStart(query.from, TIMEFRAMES[query.interval]), toUs: query.to };
  const [stored, recordedUs] = await Promise.all([
    candleCounts(db, id, query.interval, interval),
    firstRecordedUs(db, id),
  ]);
  const chosen = query.source ?? (stored.kite > 0 ? 'kite' : stored.dhan > 0 ? 'dhan' : null);
  const found =
    chosen === null
      ? []
      : await candlesBetween(db, { instrumentId: id, source: chosen, timeframe: query.interval }, interval);
  return {
    instrument: slugOf(instrument as Instrument),
    priceScale,
    interval: query.interval,
    from: inIst(interval.fromUs),
    to: inIst(query.to),
    source: chosen,
    stored,
    recordedFrom: recordedUs === null ? null : inIst(recordedUs),
    candles: found.map(({ fromUs, open, high, low, close, volume, oi }) => ({
      time: inIst(fromUs),
      open,
      high,
      low,
      close,
      volume,
      oi: isPresent(oi) ? oi : null,
      source: chosen as Broker,
    })),
  };
}

type Downloads = Answer<'/api/orderflow/candles/downloads'>;

/** Those that wait, then those that ended or were cancelled last. */
export async function downloads(caller: Caller): Promise<Downloads> {
  caller.mustBe('viewer');
  return { downloads: (await listDownloads(services().db, DOWNLOADS_SHOWN)).map(lineOf) };
}

const lineOf = (download: Download): Downloads['downloads'][number] => ({
  id: download.id,
  instrument: download.instrument,
  source: download.source,
  interval: download.timeframe,
  from: inIst(download.fromUs),
  to: inIst(download.toUs),
  state: download.state,
  progress: (download.doneToUs - download.fromUs) / (download.toUs - download.fromUs),
  received: download.received,
  changed: download.changed,
  refused: download.refused,
  failure: download.failure,
  askedBy: download.askedBy,
  movedAt: inIst(download.movedMs * 1000),
});

/** Has the jobs worker download candles. @returns the ids of the downloads @throws RequestError 404, 422 */
export async function askDownloads(
  caller: Caller,
  { instruments: slugs, from, to, interval, source: wanted }: z.output<typeof DownloadBody>,
): Promise<number[]> {
  caller.mustBe('owner');
  mustBeForward({ from, to });
  const { db, config, nowMs } = services();
  const untilUs = Math.min(to, nowMs() * 1000);
  if (from >= untilUs) throw new RequestError(422, 'Nothing yet', 'The time asked for has not come yet.');
  const found = await instrumentsNamed(slugs);
  const configured: readonly Broker[] = [
    ...(config.kite.apiKey ? ['kite' as const] : []),
    ...(config.dhan.clientId ? ['dhan' as const] : []),
  ];
  const asked = found.map((instrument) => ({
    askedBy: caller.name,
    instrumentId: instrument.id,
    source: sourceOf(instrument, interval, wanted, configured),
    timeframe: interval,
    fromUs: barStart(from, TIMEFRAMES[interval]),
    toUs: untilUs,
  }));
  const ids = await askForCandles(db, asked);
  await audit(
    caller,
    'candles_asked',
    `${interval} of ${found.map(slugOf).slice(0, 5).join(', ')}, ${found.length} in all`,
  );
  return ids;
}

/** Stops a download where it is. @throws RequestError 404, 409 */
export async function cancelDownload(caller: Caller, { id }: z.output<typeof DownloadId>): Promise<void> {
  caller.mustBe('owner');
  const cancelled = await cancelDownloads(services().db, [id], caller.name);
  if (cancelled.length === 0) throw await notInState(id, 'Has ended', 'This download has ended already.');
  await audit(caller, 'candles_cancelled', String(id));
}

/** Goes on with a cancelled download where it was. @throws RequestError 404, 409 */
export async function goOnWithDownload(caller: Caller, { id }: z.output<typeof DownloadId>): Promise<void> {
  caller.mustBe('owner');
  if (!(await resumeDownload(services().db, id))) {
    throw await notInState(id, 'Not cancelled', 'This download is not cancelled.');
  }
  await audit(caller, 'candles_resumed', String(id));
}

async function notInState(id: number, title: string, detail: string): Promise<RequestError> {
  const [download] = await downloadsOf(services().db, [id]);
  if (download) return new RequestError(409, title, detail);
  return new RequestError(
    404,
    'Unknown download',
    `There is no download ${id}; those that ended are forgotten in time.`,
  );
}

/**
 * Whose candles are downloaded.
 *
 * @param wanted undefined: the first of the configured brokers that has them
 * @throws RequestError 422 where there is none
 */
export function sourceOf(
  instrument: Pick<Instrument, 'exchange' | 'symbol' | 'kiteToken' | 'dhanSecurityId'>,
  interval: Timeframe,
  wanted: Broker | undefined,
  configured: readonly Broker[],
): Broker {
  const possible = configured.filter(
    (broker) =>
      (broker === 'kite' ? instrument.kiteToken : instrument.dhanSecurityId) !== null &&
      REQUEST_DAYS[broker][interval] !== undefined,
  );
  const chosen = wanted === undefined ? possible[0] : possible.find((broker) => broker === wanted);
  if (chosen) return chosen;
  const who = wanted ?? 'no broker that is configured here';
  const cannot = wanted === undefined ? 'has' : 'is not configured here, or has no';
  throw new RequestError(422, 'No such candles', `${who} ${cannot} candles of ${interval} of ${slugOf(instrument)}.`);
}

function mustBeForward({ from, to }: { readonly from: number; readonly to: number }): void {
  if (to <= from) throw new RequestError(422, 'Empty interval', '`to` must be later than `from`.');
}

/** @throws RequestError 404 naming the first that is unknown */
async function instrumentsNamed(slugs: readonly string[]): Promise<Instrument[]> {
  const names = slugs.map((text) => {
    const name = parseSlug(text);
    if (!name) throw new RequestError(404, 'Unknown instrument', `There is no instrument ${text.toUpperCase()}.`);
    return name;
  });
  const found = await findInstruments(services().db, names);
  const known = new Set(found.map(slugOf));
  const unknown = names.find((name) => !known.has(slugOf(name)));
  if (unknown) throw new RequestError(404, 'Unknown instrument', `There is no instrument ${slugOf(unknown)}.`);
  return found;
}
