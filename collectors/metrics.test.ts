/** What a Prometheus sees of a collector before anything has happened, and once it has. */
import { expect, it } from 'vitest';
import { feedById } from '../lib/core/feeds.ts';
import { GAP_CAUSES } from '../lib/core/gap.ts';
import { registry } from '../lib/obs/metrics.ts';
import { countDisconnect, feedMetrics, noteStreams } from './metrics.ts';

/** By cause, of one feed. */
async function byCause(metric: string, feed: string): Promise<Record<string, number>> {
  const values = (await registry.getMetricsAsJSON()).find(({ name }) => name === metric)?.values ?? [];
  return Object.fromEntries(
    values.filter(({ labels }) => labels.feed === feed).map(({ labels, value }) => [String(labels.cause), value]),
  );
}

it('gaps and disconnects begin with 0 for every cause, so that the first one is seen', async () => {
  const feed = feedById(31);
  const none = Object.fromEntries(Object.keys(GAP_CAUSES).map((cause) => [cause, 0]));
  const metrics = feedMetrics(feed);
  expect(await byCause('gehra_feed_gaps_total', feed.name)).toEqual(none);
  expect(await byCause('gehra_feed_disconnects_total', feed.name)).toEqual(none);
  metrics.gap('silent');
  countDisconnect(feed.name, 'network');
  // The same feed again, as after another plan: what was counted stays.
  feedMetrics(feed);
  expect(await byCause('gehra_feed_gaps_total', feed.name)).toEqual({ ...none, silent: 1 });
  expect(await byCause('gehra_feed_disconnects_total', feed.name)).toEqual({ ...none, network: 1 });
});

it('what the streams take stands beside what they may take', async () => {
  noteStreams(700, 1000);
  expect(await registry.getSingleMetricAsString('gehra_stream_memory_bytes')).toMatch(
    /^gehra_stream_memory_bytes 700$/m,
  );
  expect(await registry.getSingleMetricAsString('gehra_stream_memory_max_bytes')).toMatch(
    /^gehra_stream_memory_max_bytes 1000$/m,
  );
});
