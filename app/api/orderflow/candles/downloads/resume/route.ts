import { DownloadId } from '../../../../../../lib/api/candles.ts';
import { goOnWithDownload } from '../../../../../../lib/services/candles.ts';
import { change, nothing } from '../../../../../../lib/services/route.ts';

export const POST = change({ role: 'owner', body: DownloadId }, async ({ caller, body }) => {
  await goOnWithDownload(caller, body);
  return nothing();
});
