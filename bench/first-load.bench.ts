/** g3: how much script comes with a page. */
import path from 'node:path';
import { build } from '../scripts/build/build.ts';
import type { Bench, Metrics } from './support/bench.ts';
import { withEmptyApp } from './support/empty-app.ts';
import { expectSameAsPage, firstLoadBytes, routesOf } from './support/first-load.ts';

const HEATMAP = '/live/[instrument]';
const WORKSPACE = '/workspace';

const weigh = (nextDir: string, route: string): Metrics => ({ 'gzip kB': firstLoadBytes(nextDir, route) / 1000 });

/** Its page is there to be read, unlike ours, which are made for whoever asks: what is counted is held against it. */
function weighEmpty(nextDir: string): Metrics {
  expectSameAsPage(nextDir);
  return weigh(nextDir, '/');
}

const ourNextDir = async (): Promise<string> =>
  path.join(await build(() => undefined, new AbortController().signal), '.next');

const ours = async (route: string): Promise<Metrics> => weigh(await ourNextDir(), route);

async function allPages(): Promise<Metrics> {
  const nextDir = await ourNextDir();
  return Object.fromEntries(routesOf(nextDir).map((route) => [`${route} kB`, firstLoadBytes(nextDir, route) / 1000]));
}

const firstLoad: Bench = {
  name: 'first-load',
  group: 'browser',
  what: 'Scripts that a page has its browser load at first, compressed, without those for browsers of another age',
  worse: 'On a phone’s connection a page that brings as much again can be used a second later.',
  // Nothing here is left to chance.
  roundsMax: 1,
  measures: [
    { goal: 'g3-landing', metric: 'gzip kB', variant: 'landing', per: 'empty' },
    { goal: 'g3-heatmap', metric: 'gzip kB', variant: 'heatmap', per: 'empty' },
    { goal: 'g3-workspace', metric: 'gzip kB', variant: 'workspace', per: 'empty' },
  ],
  variants: [
    {
      name: 'empty',
      what: 'an app with one page and nothing on it, built by the same Next.js.',
      run: () => withEmptyApp(weighEmpty),
    },
    { name: 'landing', what: 'ours: the list of instruments.', run: () => ours('/') },
    {
      name: 'heatmap',
      what: 'ours: the live page, without the worker that draws, which it fetches afterwards.',
      run: () => ours(HEATMAP),
    },
    {
      name: 'workspace',
      what: 'ours: the workspace, without its panes, each of which it fetches when it is opened.',
      run: () => ours(WORKSPACE),
    },
    { name: 'pages', what: 'ours: every page there is.', run: allPages },
  ],
};

export const benches = [firstLoad];
