import { askDownloads, DownloadBody, downloads } from '../../../../../lib/services/candles.ts';
import { change, route } from '../../../../../lib/services/route.ts';

const noStore = { headers: { 'cache-control': 'no-store' } };

export const GET = route({ role: 'viewer' }, async ({ caller }) =>
  Response.json({ downloads: await downloads(caller) }, noStore),
);

export const POST = change({ role: 'owner', body: DownloadBody }, async ({ caller, body }) =>
  Response.json({ downloads: await askDownloads(caller, body) }, { status: 202, ...noStore }),
);
