import { DownloadId } from '../../../../../../lib/api/candles.ts';
import { cancelDownload } from '../../../../../../lib/services/candles.ts';
import { change, nothing } from '../../../../../../lib/services/route.ts';

export const POST = change({ role: 'owner', body: DownloadId }, async ({ caller, body }) => {
  await cancelDownload(caller, body);
  return nothing();
});
