/** The Kite collector: up to three ticker connections of 3,000 instruments each. */
import { newFrameDecoder } from '../../lib/decode/frame-decoders.ts';
import { run } from '../../lib/obs/run.ts';
import { startCollector } from '../collector.ts';
import { kiteLink } from './link.ts';

await run('kite', async (context) => {
  await startCollector(context, {
    broker: 'kite',
    newFrameDecoder,
    link: (_feed, instruments) => kiteLink(context.config, instruments),
  });
  return undefined;
});
