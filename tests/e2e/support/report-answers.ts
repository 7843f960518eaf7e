/** Report cards, which take their server an hour of market. */

export const EMPTY_REPORT = {
  from: '2026-11-01T00:00:00.000+05:30',
  to: '2026-11-25T00:00:00.000+05:30',
  comparisons: 0,
  familyError: 0.05,
  hoursLeast: 20,
  groups: [],
};
const spread = { meanTicks: 1, medianTicks: 1, medianBps: 0.1, hitLow: 0.44, hitHigh: 0.56 };
/** Of walls that were pulled, ten seconds after. */
export const GROUP = {
  by: 'all',
  kind: 'wall_pulled',
  detectors: 'own',
  key: '',
  horizonS: 10,
  signals: { ...spread, n: 240, meanBps: -0.21, hitRate: 0.5 },
  random: { ...spread, n: 1200, meanBps: -0.2, hitRate: 0.49 },
  missing: { outside_session: 0, gap: 2, no_book: 0 },
  hours: 40,
  difference: { meanBps: -0.01, lowBps: -0.1, highBps: 0.08, p: 0.6, pAdjusted: 1 },
  verdict: 'does_not_beat',
};
export const REPORT = { ...EMPTY_REPORT, comparisons: 1, groups: [GROUP] };
