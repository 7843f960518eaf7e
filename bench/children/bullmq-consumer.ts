/** A BullMQ worker that only counts its jobs, and says when it has had `jobs` of them. */
import { Worker } from 'bullmq';
import { childOptions, say } from '../support/child.ts';

export interface BullmqConsumerOptions {
  readonly redisUrl: string;
  readonly queue: string;
  readonly jobs: number;
}

/** Jobs in hand at a time; with more the library got no faster. */
const CONCURRENCY = 100;

const { redisUrl, queue, jobs } = childOptions<BullmqConsumerOptions>();
let done = 0;
const worker = new Worker(queue, async () => undefined, {
  connection: { url: redisUrl, maxRetriesPerRequest: null },
  concurrency: CONCURRENCY,
});
worker.on('completed', () => {
  done += 1;
  if (done === jobs) say({ jobs: done });
});
await worker.waitUntilReady();
say({ ready: true });
process.once('SIGTERM', () => void worker.close().then(() => process.exit(0)));
