import { DownloadBody } from '../../../../../lib/api/candles.ts';
import { askDownloads, downloads } from '../../../../../lib/services/candles.ts';
import { answering, change } from '../../../../../lib/services/route.ts';

export const GET = answering('/api/orderflow/candles/downloads', downloads);

export const POST = change({ role: 'owner', body: DownloadBody }, async ({ caller, body }) =>
  Response.json(
    { downloads: await askDownloads(caller, body) },
    { status: 202, headers: { 'cache-control': 'no-store' } },
  ),
);
