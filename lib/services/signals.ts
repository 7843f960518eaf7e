/** Signals that were found, page by page. */
import { marksOf } from '../../db/signal-marks.ts';
import { type SignalRow, signalsOfPage } from '../../db/signals.ts';
import type { Answer, Query } from '../api/operations.ts';
import { type ToldSignal, writeSignalCursor } from '../api/signals.ts';
import { feedName } from '../core/feeds.ts';
import { SIGNAL_KINDS } from '../signals/signal.ts';
import type { Caller } from './access.ts';
import { knownInstruments, mustBeAnInterval } from './asked-flow.ts';
import { services } from './context.ts';
import { summariesOf } from './instruments.ts';
import { readerOf } from './signal-marks.ts';
import { inIst } from './times.ts';

/** @throws RequestError 404, 422 */
export async function signals(caller: Caller, query: Query<'/api/signals'>): Promise<Answer<'/api/signals'>> {
  mustBeAnInterval(query);
  const { from, to, kinds, state, side, limit, cursor } = query;
  const asked = query.instruments ? await knownInstruments(caller, query.instruments) : null;
  const rows = await signalsOfPage(services().db, {
    instrumentIds: asked?.map(({ id }) => id) ?? null,
    fromUs: from,
    toUs: to,
    kinds: kinds ?? null,
    states: state ? [state] : null,
    side: side ?? null,
    minSeverity: query.min_severity,
    detectors: query.detectors,
    after: cursor ?? null,
    // One more says whether there is a page after this one.
    limit: limit + 1,
  });
  const shown = rows.slice(0, limit);
  const of = new Map(
    (await summariesOf(caller, [...new Set(shown.map(({ instrumentId }) => instrumentId))])).map((one) => [
      one.id,
      one,
    ]),
  );
  const ids = shown.map(({ id }) => id);
  const marks = await marksOf(services().db, readerOf(caller), ids);
  const last = shown.at(-1);
  return {
    from: inIst(from),
    to: inIst(to),
    signals: shown.flatMap((row) => {
      const instrument = of.get(row.instrumentId);
      return instrument ? [{ ...toldSignal(row, instrument), mark: marks.get(row.id) ?? null }] : [];
    }),
    next: rows.length > limit && last ? writeSignalCursor(last.timeUs, last.id) : null,
  };
}

/** A signal as answers and the live stream tell it. */
export function toldSignal(
  { instrumentId, feedId, timeUs, fromUs, toUs, foundUs, lowPrice, highPrice, ...rest }: SignalRow,
  { slug, priceScale }: { readonly slug: string; readonly priceScale: number },
): ToldSignal {
  return {
    ...rest,
    words: SIGNAL_KINDS[rest.kind],
    instrument: slug,
    priceScale,
    feed: feedName(feedId),
    time: inIst(timeUs),
    from: inIst(fromUs),
    to: inIst(toUs),
    found: inIst(foundUs),
    // 0 is no price: it says that the signal is of the book as a whole.
    lowPrice: lowPrice || null,
    highPrice: highPrice || null,
  };
}
