/** The fixtures catch what they are there to catch. */
import { expect, test } from '../support/fixtures.ts';

/** Starts a worker that does nothing but run this. */
const inWorker = (script: string) => `void new Worker(URL.createObjectURL(new Blob([${JSON.stringify(script)}])))`;

const PLANTED: readonly { readonly what: string; readonly script: string; readonly report: RegExp }[] = [
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
    script: inWorker(`console.error('planted')`),
    report: /^console error: planted/,
  },
  {
    what: 'an exception in a worker',
    script: inWorker(`setTimeout(() => { throw new Error('planted') })`),
    report: /^uncaught: Error: planted/,
  },
  {
    what: 'a rejection in a worker',
    script: inWorker(`Promise.reject(new Error('planted'))`),
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
    script: inWorker(`fetch('http://127.0.0.1:9/planted').catch(() => undefined)`),
    report: /^no answer, net::ERR_\w+: .*\/planted$/,
  },
];

for (const { what, script, report } of PLANTED) {
  test(`${what} is reported`, async ({ page, trouble }) => {
    await page.goto('/');
    await page.evaluate(script);
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
