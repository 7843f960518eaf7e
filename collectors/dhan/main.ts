/** The Dhan collector: live feed, 20-level depth of up to 50 instruments a connection, 200-level depth of one each. */
import { newFrameDecoder } from '../../lib/decode/frame-decoders.ts';
import { run } from '../../lib/obs/run.ts';
import { startCollector } from '../collector.ts';
import { type DhanKind, dhanLink } from './link.ts';

await run('dhan', async (context) => {
  await startCollector(context, {
    broker: 'dhan',
    newFrameDecoder,
    link: ({ kind }, instruments) => dhanLink(context.config, kind as DhanKind, instruments),
  });
  return undefined;
});
