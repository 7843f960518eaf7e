/** The Kite collector: up to three ticker connections of 3,000 instruments each. */
import { run } from '../../lib/obs/run.ts';
import { startCollector } from '../collector.ts';
import { KiteDecoder } from './decoder.ts';
import { kiteLink } from './link.ts';

await run('kite', async (context) => {
  await startCollector(context, {
    broker: 'kite',
    newFrameDecoder: () => new KiteDecoder(),
    link: (_feed, instruments) => kiteLink(context.config, instruments),
  });
  return undefined;
});
