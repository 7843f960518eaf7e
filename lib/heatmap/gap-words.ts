/** Causes of missing data, in words. */
import type { GapCause } from '../core/gap.ts';

const WORDS: Readonly<Record<GapCause, string>> = {
  disconnected: 'the broker closed the connection',
  silent: 'connected, but no data came',
  auth: 'the broker refused the login',
  limit: 'the broker refused: too many connections or requests',
  network: 'the broker could not be reached',
  collector_down: 'the recorder was not running',
  discarded: 'frames came, but the recorder could keep them nowhere',
  resubscribed: 'the subscription was being changed',
  market_closed: 'the market was closed',
};

/** A cause of a later version is shown as it is. */
export const gapWords = (cause: string): string =>
  Object.hasOwn(WORDS, cause) ? WORDS[cause as GapCause] : cause.replaceAll('_', ' ');
