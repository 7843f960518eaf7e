/** What a signals worker counts and measures. */
import { counter, gauge, histogram } from '../../lib/obs/metrics.ts';

export const entriesSeen = counter('gehra_signals_entries_total', 'Entries that the detectors have looked at.');
export const signalsFound = counter('gehra_signals_found_total', 'Signals found, each state of one counted.', ['kind']);
export const lookSeconds = histogram(
  'gehra_signals_look_seconds',
  'Time that the detectors take for the entries of one step, in seconds.',
);
export const lag = gauge(
  'gehra_signals_lag_seconds',
  'Age of the newest entry when the detectors looked at it, in seconds; 0 while nothing comes.',
);
export const interruptions = counter(
  'gehra_signals_interruptions_total',
  'Times that the worker had to start over from what is stored.',
);
