/** What Lighthouse says of each page, as who is signed in sees it. */
import type { InstrumentSummary } from '../lib/core/instrument.ts';
import { Instance } from '../tests/support/instance.ts';
import type { Bench, Metrics } from './support/bench.ts';
import { CATEGORIES, installLighthouse, judge } from './support/lighthouse.ts';

const NAME = 'Asha';
const PASSWORD = 'correct horse battery';
/** Those that are opened to come in, and every morning: they must be quick on a telephone too. */
const QUICK = ['/login', '/connections'];

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

/** Uses the link of the first start. @returns the cookies of the owner */
async function signIn({ appUrl, said }: Instance): Promise<string> {
  const code = /^http\S+\/setup\?code=(\S+)$/m.exec(said)?.[1];
  const answer = await fetch(`${appUrl}/api/setup`, {
    method: 'POST',
    headers: { origin: appUrl, 'content-type': 'application/json' },
    body: JSON.stringify({ code, name: NAME, password: PASSWORD }),
  });
  if (!answer.ok) throw new Error(`${NAME} cannot come in: HTTP ${answer.status}`);
  return answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
}

/** Points of each page, and the fewest of all: a page below is named by its own metric. */
async function judgeAll(): Promise<Metrics> {
  await installLighthouse();
  const instance = await Instance.start(['--frames', '2'], { DEMO_SIGN_IN: '1' });
  try {
    const cookie = await signIn(instance);
    const listed = await fetch(`${instance.appUrl}/api/instruments?subscribed=1&limit=1`, { headers: { cookie } });
    const { instruments } = (await listed.json()) as { instruments: InstrumentSummary[] };
    const metrics: Record<string, number> = {};
    const least = (name: string, points: number): void => {
      metrics[name] = Math.min(metrics[name] ?? 100, points);
    };
    for (const page of pagesOf(instruments[0]?.slug ?? '')) {
      const { scores, faults } = await judge(`${instance.appUrl}${page}`, page === '/login' ? '' : cookie);
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
