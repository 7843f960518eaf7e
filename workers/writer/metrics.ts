/** What a writer counts and measures. */
import { counter, gauge, histogram, SECONDS } from '../../lib/obs/metrics.ts';
import type { WriterStatus } from '../../lib/queue/status.ts';

export const rowsStored = counter(
  'gehra_writer_rows_total',
  'Rows of the batches committed, by table, those set aside included.',
  ['table'],
);
export const rowsQuarantined = counter('gehra_writer_quarantined_rows_total', 'Rows that were set aside.');
export const flushRows = histogram(
  'gehra_writer_flush_rows',
  'Rows of each commit.',
  [1, 10, 50, 100, 250, 500, 1000, 2000, 5000, 10_000],
);
export const copySeconds = histogram(
  'gehra_writer_copy_seconds',
  'Time that each COPY into a table takes, in seconds.',
  SECONDS,
  ['table'],
);
export const commitSeconds = histogram(
  'gehra_writer_commit_seconds',
  'Time that each transaction takes, COPY and COMMIT included, in seconds.',
);
const ages = histogram(
  'gehra_writer_age_seconds',
  'Age of the oldest entry since its frame was received, in seconds: taken from the stream, and committed.',
  SECONDS,
  ['stage'],
);
/** Age of an entry when it was taken from its stream, and when it was committed, s. */
export const takenAge = ages.labels('taken');
export const committedAge = ages.labels('committed');
export const interruptions = counter(
  'gehra_writer_interruptions_total',
  'Times that the writer had to start over from the positions in the database.',
);
const lag = gauge('gehra_writer_lag_seconds', 'How far the database is behind the stream of a feed.', ['feed']);
const up = gauge('gehra_writer_up', 'Whether the writer commits: 1 or 0.');

/** Takes over what the writer says of itself. */
export function noteWriter({ lagMs, failure }: WriterStatus): void {
  lag.reset();
  for (const [feed, ms] of Object.entries(lagMs)) lag.set({ feed }, ms / 1000);
  up.set(failure === null ? 1 : 0);
}
