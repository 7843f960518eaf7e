/** Causes of missing data, in words, and what a person can do about each. */
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

const ADVICE: Readonly<Record<GapCause, string>> = {
  auth: 'Log in to the broker again; everything goes on by itself within seconds.',
  limit:
    'Close other programs that use the same account, and wait a minute: the broker allows only so many connections.',
  network:
    "Check this machine's connection to the internet; if it works, the broker is down: see its status page. Gehra tries again by itself.",
  disconnected:
    'Nothing: Gehra connects again by itself. If it goes on for minutes, see the status page of the broker.',
  silent: 'Nothing: Gehra connects again by itself. If it goes on for minutes, see the status page of the broker.',
  collector_down: 'See ./gehra status and ./gehra logs: the process that records this broker is not running.',
  discarded: 'Free disk space: frames could be kept nowhere.',
  resubscribed: 'Nothing: it takes a moment.',
  market_closed: 'Nothing: recording begins by itself five minutes before the market opens.',
};

/** What to do about a cause; empty for one of a later version. */
export const adviceFor = (cause: string): string => (Object.hasOwn(ADVICE, cause) ? ADVICE[cause as GapCause] : '');
