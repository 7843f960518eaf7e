/** The fixtures catch what they are there to catch. */
import { expect, test } from '../support/fixtures.ts';

/** A page may start workers of its own server only, so this one is served to it. */
const WORKER_PATH = '/planted-worker.js';

const PLANTED: readonly {
  readonly what: string;
  readonly script: string;
  /** It runs in a worker, which does nothing else. */
  readonly inWorker?: true;
  readonly report: RegExp;
}[] = [
  { what: 'an error on the console', script: `console.error('planted')`, report: /^console error: planted/ },
  {
    what: 'an exception that nobody catches',
    script: `setTimeout(() => { throw new Error('planted') })`,
    report: /^uncaught: Error: planted/,
  },
  {
    what: 'a rejection that nobody handles',
    script: `void Promise.reject(new Error('planted'))`,
    report: /^uncaught: Error: planted/,
  },
  {
    what: 'an error on the console of a worker',
    script: `console.error('planted')`,
    inWorker: true,
    report: /^console error: planted/,
  },
  {
    what: 'an exception in a worker',
    script: `setTimeout(() => { throw new Error('planted') })`,
    inWorker: true,
    report: /^uncaught: Error: planted/,
  },
  {
    what: 'a rejection in a worker',
    script: `Promise.reject(new Error('planted'))`,
    inWorker: true,
    report: /^uncaught: Error: planted/,
  },
  {
    what: 'a request that is refused',
    script: `void fetch('/api/planted')`,
    report: /^HTTP 404: .*\/api\/planted$/,
  },
  {
    what: 'a request of a worker that nobody answers',
    // The port of "discard": nobody listens there.
    script: `fetch('http://127.0.0.1:9/planted').catch(() => undefined)`,
    inWorker: true,
    report: /^no answer, net::ERR_\w+: .*\/planted$/,
  },
];

for (const { what, script, inWorker, report } of PLANTED) {
  test(`${what} is reported`, async ({ page, trouble }) => {
    await page.route(`**${WORKER_PATH}`, (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
    await page.goto('/');
    await page.evaluate(inWorker ? `void new Worker('${WORKER_PATH}')` : script);
    await expect.poll(() => trouble.report().join('\n')).toMatch(report);
    trouble.allow(report, 'it was planted');
  });
}

test('in a second page of the test it is reported too', async ({ context, page, trouble }) => {
  await page.goto('/');
  const second = await context.newPage();
  await second.evaluate(`console.error('planted')`);
  await expect.poll(() => trouble.report().join('\n')).toMatch(/^console error: planted/);
  trouble.allow(/planted/, 'it was planted');
});

test('what is reported and not allowed fails the test', async ({ page, trouble }) => {
  test.fail(true, 'the fixture is what must fail here');
  await page.goto('/');
  await page.evaluate(`console.error('planted')`);
  await expect.poll(() => trouble.report()).toHaveLength(1);
});

test('an allowance for what never comes fails the test', async ({ page, trouble }) => {
  test.fail(true, 'the fixture is what must fail here');
  trouble.allow(/planted/, 'it was not');
  await page.goto('/');
});
