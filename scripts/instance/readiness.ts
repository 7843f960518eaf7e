import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, UserError } from '../user-error.ts';

const READY_PATH = '/api/health/ready';
const READY_WITHIN_MS = 60_000;
const PROBE_MS = 50;

/** Resolves when the web app says that everything answers. @throws UserError with what it said last, if it never does */
export async function untilReady(address: string, signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + READY_WITHIN_MS;
  let last = '';
  while (performance.now() < deadlineMs) {
    try {
      const answer = await fetch(`${address}${READY_PATH}`, { signal });
      if (answer.ok) return;
      last = `it answers ${answer.status}: ${await answer.text()}`;
    } catch (error) {
      signal.throwIfAborted();
      last = `it does not answer: ${messageOf(error)}`;
    }
    await sleep(PROBE_MS);
  }
  throw new UserError(
    `The web app at ${address} is not ready after ${READY_WITHIN_MS / 1000} s: ${last}\nSee ./gehra logs web, and ./gehra status for the others.`,
  );
}
