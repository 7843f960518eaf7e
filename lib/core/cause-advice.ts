/** What a person can do about each cause that keeps a feed away. */
import type { GapCause } from './gap.ts';

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

export const adviceFor = (cause: GapCause): string => ADVICE[cause];
