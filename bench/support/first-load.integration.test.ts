/** What a page has its browser load at first must not grow unseen: it is held to the budget from what is built anyway. */
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { build } from '../../scripts/build/build.ts';
import { EMPTY_PAGE_BYTES, firstLoadBytes, frameworkBytes, routesOf } from './first-load.ts';
import { GOALS } from './goals.ts';

/** Of pages without a goal of their own, × an empty app. */
const OTHER_PAGES = GOALS['g3-heatmap'].goal;

let nextDir = '';
beforeAll(async () => {
  nextDir = path.join(await build(() => undefined, new AbortController().signal), '.next');
}, 600_000);

it('no page loads more script at first than its budget, × an empty Next app', () => {
  const routes = routesOf(nextDir);
  expect(routes).toEqual(
    expect.arrayContaining(['/', '/live/[instrument]', '/pane/[kind]/[instrument]', '/workspace']),
  );
  const empty = frameworkBytes(nextDir) + EMPTY_PAGE_BYTES;
  const ratios = routes.map((route) => ({ route, ratio: firstLoadBytes(nextDir, route) / empty }));
  const over = ratios.filter(({ route, ratio }) => ratio > (route === '/' ? GOALS['g3-landing'].goal : OTHER_PAGES));
  expect(over).toEqual([]);
});
