/** Pages of depth history (docs/STREAM.md). */
import type { Interval } from '../heatmap/coverage.ts';
import type { HistoryPage } from '../heatmap/depth-model.ts';
import { askMarketBytes } from './market-data.ts';
import { ServerProblem } from './problem.ts';

const LENGTH_BYTES = 4;

interface Page {
  readonly page: HistoryPage;
  readonly messages: Uint8Array;
}

/** @throws ServerProblem, or an AbortError */
export async function fetchHistory(
  origin: string,
  instrumentId: number,
  columnUs: number,
  { fromUs, toUs }: Interval,
  signal: AbortSignal,
  only?: 'trades',
): Promise<Page> {
  const query = { instrument: instrumentId, from: fromUs, to: toUs, column_ms: columnUs / 1000, only };
  return splitPage(await askMarketBytes('/api/depth/history', query, { origin, signal }));
}

/** Every trade of an interval, however many pages they are: a tile is held with all of its trades or not at all. */
export async function fetchTrades(
  origin: string,
  instrumentId: number,
  columnUs: number,
  interval: Interval,
  signal: AbortSignal,
): Promise<Page> {
  const { fromUs, toUs } = interval;
  const { page, messages } = await fetchHistory(origin, instrumentId, columnUs, interval, signal, 'trades');
  if (!page.more || page.completeToUs <= fromUs) return { page, messages };
  const rest = await fetchTrades(origin, instrumentId, columnUs, { fromUs: page.completeToUs, toUs }, signal);
  const joined = new Uint8Array(messages.length + rest.messages.length);
  joined.set(messages);
  joined.set(rest.messages, messages.length);
  return { page: { ...rest.page, fromUs, gaps: page.gaps }, messages: joined };
}

/** `u32 length of the header | header, JSON | messages` */
export function splitPage(bytes: Uint8Array): Page {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerEnd = bytes.length < LENGTH_BYTES ? Number.POSITIVE_INFINITY : LENGTH_BYTES + view.getUint32(0, true);
  if (headerEnd > bytes.length) throw new ServerProblem(200, `history of ${bytes.length} bytes is cut off`);
  const header = new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, headerEnd));
  return { page: JSON.parse(header) as HistoryPage, messages: bytes.subarray(headerEnd) };
}
