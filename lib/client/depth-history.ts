/** Pages of depth history (docs/STREAM.md). */
import type { Interval } from '../heatmap/coverage.ts';
import type { HistoryPage } from '../heatmap/depth-model.ts';
import { askMarketBytes } from './market-data.ts';
import { ServerProblem } from './problem.ts';

const LENGTH_BYTES = 4;

/** @throws ServerProblem, or an AbortError */
export async function fetchHistory(
  origin: string,
  instrumentId: number,
  columnUs: number,
  { fromUs, toUs }: Interval,
  signal: AbortSignal,
  only?: 'trades',
): Promise<{ page: HistoryPage; messages: Uint8Array }> {
  const query = { instrument: instrumentId, from: fromUs, to: toUs, column_ms: columnUs / 1000, only };
  return splitPage(await askMarketBytes('/api/depth/history', query, { origin, signal }));
}

/** `u32 length of the header | header, JSON | messages` */
export function splitPage(bytes: Uint8Array): { page: HistoryPage; messages: Uint8Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerEnd = bytes.length < LENGTH_BYTES ? Number.POSITIVE_INFINITY : LENGTH_BYTES + view.getUint32(0, true);
  if (headerEnd > bytes.length) throw new ServerProblem(200, `history of ${bytes.length} bytes is cut off`);
  const header = new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, headerEnd));
  return { page: JSON.parse(header) as HistoryPage, messages: bytes.subarray(headerEnd) };
}
