/** What Lighthouse says of each page, as who is signed in sees it. */
import type { InstrumentSummary } from '../lib/core/instrument.ts';
import { ownerCookie, start } from '../tests/e2e/support/sign-in-server.ts';
import type { Bench, Metrics } from './support/bench.ts';
import { CATEGORIES, installLighthouse, type Judgement, judge } from './support/lighthouse.ts';

/** Those that are opened to come in, and every morning: they must be quick on a telephone too. */
const QUICK = ['/login', '/connections'];
/** How quick a page is differs from look to look: the middle one counts. */
const LOOKS = 3;

const pagesOf = (slug: string): string[] => [
  '/login',
  '/connections',
  '/',
  `/live/${slug}`,
  '/workspace',
  `/pane/chart/${slug}`,
  '/instruments',
  '/coverage',
  '/exports',
  '/signals',
  '/signals/rules',
  '/signals/detectors',
  '/signals/backtests',
  '/rehearsal',
  '/settings',
  '/settings/hours',
  '/settings/notifications',
  '/settings/data',
  '/settings/keys',
  '/settings/security',
  '/docs/api',
];

/** Points of each page, and the fewest of all: a page below is named by its own metric. */
async function judgeAll(): Promise<Metrics> {
  await installLighthouse();
  const instance = await start();
  try {
    const cookie = await ownerCookie(instance.appUrl);
    const listed = await fetch(`${instance.appUrl}/api/instruments?subscribed=1&limit=1`, { headers: { cookie } });
    const { instruments } = (await listed.json()) as { instruments: InstrumentSummary[] };
    const metrics: Record<string, number> = {};
    const least = (name: string, points: number): void => {
      metrics[name] = Math.min(metrics[name] ?? 100, points);
    };
    for (const page of pagesOf(instruments[0]?.slug ?? '')) {
      const looks: Judgement[] = [];
      while (looks.length < (QUICK.includes(page) ? LOOKS : 1)) {
        looks.push(await judge(`${instance.appUrl}${page}`, page === '/login' ? '' : cookie));
      }
      const { scores, faults } = looks.toSorted((a, b) => a.scores.performance - b.scores.performance)[
        Math.floor(looks.length / 2)
      ] as Judgement;
      const judged = CATEGORIES.filter((category) => category !== 'performance' || QUICK.includes(page));
      for (const category of judged) {
        metrics[`${category} ${page}`] = scores[category];
        least(`${category} points`, scores[category]);
      }
      const told = faults.filter((fault) => judged.some((category) => fault.startsWith(category)));
      process.stderr.write(`  ${page}: ${judged.map((category) => `${category} ${scores[category]}`).join(', ')}`);
      process.stderr.write(`${told.length > 0 ? ` (${told.join(', ')})` : ''}\n`);
    }
    return metrics;
  } finally {
    await instance.stop();
  }
}

const lighthouse: Bench = {
  name: 'lighthouse',
  what: 'Points that Lighthouse gives the pages, out of 100, as a telephone on a slow line sees them',
  worse: 'Somebody cannot read or use a page, or waits for it every morning.',
  // It starts a browser for each of twenty pages.
  roundsMax: 1,
  measures: [
    { goal: 'lighthouse-accessibility', metric: 'accessibility points', variant: 'pages' },
    { goal: 'lighthouse-practices', metric: 'best-practices points', variant: 'pages' },
    { goal: 'lighthouse-performance', metric: 'performance points', variant: 'pages' },
  ],
  variants: [{ name: 'pages', what: 'every page of ours; the fewest points of all count.', run: judgeAll }],
};

export const benches = [lighthouse];
