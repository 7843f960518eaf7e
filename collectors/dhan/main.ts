/** The Dhan collector: live feed, 20-level depth of up to 50 instruments a connection, 200-level depth of one each. */
import type { Feed } from '../../lib/core/feeds.ts';
import { run } from '../../lib/obs/run.ts';
import { startCollector } from '../collector.ts';
import type { FrameDecoder } from '../decoder.ts';
import { DhanDepthDecoder } from './depth-decoder.ts';
import { type DhanKind, dhanLink } from './link.ts';
import { DhanLiveDecoder } from './live-decoder.ts';

const newFrameDecoder = ({ kind }: Feed): FrameDecoder => {
  if (kind === 'live') return new DhanLiveDecoder();
  return new DhanDepthDecoder(kind === 'depth20' ? 20 : 200);
};

await run('dhan', async (context) => {
  await startCollector(context, {
    broker: 'dhan',
    newFrameDecoder,
    link: ({ kind }, instruments) => dhanLink(context.config, kind as DhanKind, instruments),
  });
  return undefined;
});
