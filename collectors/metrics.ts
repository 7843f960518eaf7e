/** What a collector counts and measures. */
import type { Feed } from '../lib/core/feeds.ts';
import { GAP_CAUSES } from '../lib/core/gap.ts';
import { counter, gauge, histogram, SECONDS } from '../lib/obs/metrics.ts';
import type { FeedState, FeedStatus } from '../lib/queue/status.ts';

const frames = counter('gehra_feed_frames_total', 'Frames received from the broker.', ['feed']);
const bytes = counter('gehra_feed_bytes_total', 'Bytes of the frames received from the broker.', ['feed']);
const published = counter('gehra_feed_published_entries_total', 'Entries put into the stream, marks included.', [
  'feed',
]);
const publishSeconds = histogram(
  'gehra_feed_publish_seconds',
  'From the receipt of a frame until the stream has it, of the oldest in each append, in seconds.',
  SECONDS,
  ['feed'],
);
const gaps = counter('gehra_feed_gaps_total', 'Gaps that were opened, by cause.', ['feed', 'cause']);
const disconnects = counter('gehra_feed_disconnects_total', 'Connections and attempts that ended, by cause.', [
  'feed',
  'cause',
]);
const attempts = counter('gehra_feed_connection_attempts_total', 'Attempts to connect.', ['feed']);
const state = gauge('gehra_feed_state', 'State of each feed; 1 for the one it is in.', ['feed', 'state']);
const gapOpen = gauge('gehra_feed_gap_open', 'Whether the feed has an open gap: 1 or 0.', ['feed']);
const rejects = gauge('gehra_feed_rejects', 'Packets that could not be believed, since the collector started.', [
  'feed',
]);
const unpublished = gauge(
  'gehra_feed_unpublished_entries',
  'Entries that wait in memory to be put into the stream; -1 where they are made again from the journal.',
  ['feed'],
);
const journalFailing = gauge('gehra_feed_journal_failing', 'Whether the journal cannot be written: 1 or 0.', ['feed']);
const publishFailing = gauge('gehra_feed_publish_failing', 'Whether nothing can be put into the stream: 1 or 0.', [
  'feed',
]);
const instruments = gauge('gehra_feed_instruments', 'Instruments that the feed is asked for.', ['feed']);
const quiet = gauge(
  'gehra_feed_silence_seconds',
  'Since when no data has come, in seconds; 0 while none is expected.',
  ['feed'],
);

const streamBytes = gauge('gehra_stream_memory_bytes', 'Memory that the streams of all feeds take in Redis.');
const streamBytesMax = gauge(
  'gehra_stream_memory_max_bytes',
  'Memory that the streams may take before publishing is held back: STREAM_BYTES_MAX.',
);

/** Takes over what the streams take and may take, bytes. */
export function noteStreams(bytes: number, bytesMax: number): void {
  streamBytes.set(bytes);
  streamBytesMax.set(bytesMax);
}

/** What is counted of one feed, with its name on it. */
export interface FeedMetrics {
  frame(length: number): void;
  /** @param ageUs of the oldest of them, since it was received, µs */
  published(entries: number, ageUs: number): void;
  gap(cause: string): void;
}

export function feedMetrics({ name: feed }: Feed): FeedMetrics {
  // A counter that begins with 1 has not grown for a Prometheus.
  for (const cause of Object.keys(GAP_CAUSES)) {
    gaps.inc({ feed, cause }, 0);
    disconnects.inc({ feed, cause }, 0);
  }
  const frameCount = frames.labels(feed);
  const byteCount = bytes.labels(feed);
  const publishedCount = published.labels(feed);
  const ages = publishSeconds.labels(feed);
  return {
    frame: (length) => {
      frameCount.inc();
      byteCount.inc(length);
    },
    published: (entries, ageUs) => {
      publishedCount.inc(entries);
      ages.observe(Math.max(0, ageUs) / 1e6);
    },
    gap: (cause) => gaps.inc({ feed, cause }),
  };
}

export const countAttempt = (feed: string): void => attempts.inc({ feed });
export const countDisconnect = (feed: string, cause: string): void => disconnects.inc({ feed, cause });

/** Takes over what the feeds say of themselves. @param silenceS by feed name, of those of which data is expected */
export function noteFeeds(
  feeds: Readonly<Record<string, FeedStatus>>,
  silenceS: Readonly<Record<string, number>>,
): void {
  for (const metric of [state, gapOpen, rejects, unpublished, journalFailing, publishFailing, instruments, quiet])
    metric.reset();
  for (const [feed, status] of Object.entries(feeds)) {
    state.set({ feed, state: status.state satisfies FeedState }, 1);
    gapOpen.set({ feed }, status.gapFromUs === null ? 0 : 1);
    rejects.set({ feed }, status.rejects);
    unpublished.set({ feed }, status.unpublished);
    journalFailing.set({ feed }, status.journalFailure === null ? 0 : 1);
    publishFailing.set({ feed }, status.publishFailure === null ? 0 : 1);
    instruments.set({ feed }, status.instrumentIds.length);
    quiet.set({ feed }, silenceS[feed] ?? 0);
  }
}
