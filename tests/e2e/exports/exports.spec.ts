/** Exports as an owner cancels and deletes them, and as a viewer sees them. */
import { readFileSync } from 'node:fs';
import type { APIRequestContext, Page } from '@playwright/test';
import type { InstrumentSummary } from '../../../lib/core/instrument.ts';
import { expect, test } from '../support/fixtures.ts';

/** What an owner asks for by the API: the last ten minutes of ticks. */
async function beginExport(request: APIRequestContext, origin: string, instrument: string): Promise<number> {
  let id = 0;
  // A server that has just begun to record has none at first.
  await expect
    .poll(
      async () => {
        const nowMs = Date.now();
        const answer = await request.post(`${origin}/api/exports`, {
          headers: { origin },
          data: { instrument, kind: 'ticks', format: 'csv', from: String(nowMs - 600_000), to: String(nowMs) },
        });
        if (answer.ok()) ({ id } = (await answer.json()) as { id: number });
        return answer.status();
      },
      { timeout: 60_000 },
    )
    .toBe(200);
  return id;
}

const itemOf = (page: Page, slug: string) =>
  page.getByRole('main').getByRole('listitem').filter({ hasText: slug }).first();

test('an export that waits is cancelled and deleted, by keyboard too', async ({ page, instance, instruments }) => {
  const { slug } = instruments.nifty;
  const jobs = instance.pid('jobs') as number;
  // Who would write it stands still, so that it can be seen waiting.
  process.kill(jobs, 'SIGSTOP');
  try {
    const id = await beginExport(page.request, instance.appUrl, slug);
    await page.goto('/exports');
    const item = itemOf(page, slug);
    await expect(item).toContainText('Waiting');
    await expect(item.getByRole('progressbar')).toHaveAttribute('aria-valuetext', 'waiting');
    await expect(item.getByRole('link')).toHaveCount(0);
    await item.getByRole('button', { name: /^Cancel/ }).click();
    await expect(page.getByRole('status').filter({ hasText: 'Cancelled.' })).toBeVisible();
    await expect(item).toContainText('Cancelled');
    await expect(item.getByRole('progressbar')).toHaveCount(0);
    await item.getByRole('button', { name: /^Delete/ }).press('Enter');
    await expect(page.getByRole('status').filter({ hasText: 'Deleted.' })).toBeVisible();
    const rows = await instance.sql<{ count: number }>(
      'SELECT count(*)::integer AS count FROM gehra.exports WHERE export_id = $1',
      [id],
    );
    expect(rows).toEqual([{ count: 0 }]);
  } finally {
    process.kill(jobs, 'SIGCONT');
  }
});

test('a viewer downloads what owners have exported, and can begin, cancel and delete nothing', async ({
  page,
  browser,
  signInServer,
}) => {
  const origin = await signInServer.address();
  const owner = await browser.newContext();
  await signInServer.signIn(await owner.newPage(), 'Asha');
  const listed = await owner.request.get(`${origin}/api/instruments?subscribed=1`);
  const { instruments } = (await listed.json()) as { instruments: InstrumentSummary[] };
  const { slug } = instruments.find(({ name, type }) => name === 'NIFTY' && type === 'FUT') as InstrumentSummary;
  const id = await beginExport(owner.request, origin, slug);
  await owner.close();

  await signInServer.signIn(page, 'Vik');
  await page.goto(`${origin}/exports`);
  await expect(page.getByText('You are a viewer: owners alone begin exports.')).toBeVisible();
  const item = itemOf(page, slug);
  await expect(item).toContainText(/Done · [\d,]+ rows/, { timeout: 30_000 });
  await expect(item).toContainText('asked by Asha');
  await expect(page.getByRole('main').getByRole('button')).toHaveCount(0);

  const begun = page.waitForEvent('download');
  await item.getByRole('link', { name: /^Download/ }).click();
  const download = await begun;
  expect(download.suggestedFilename()).toMatch(/^NFO_.*-ticks-.*\.csv$/);
  const text = readFileSync(await download.path(), 'utf8');
  expect(text.split('\n', 1)[0]).toMatch(/^time,n,mode,aggressor,/);
  // Its length is told, so that a browser can show how far it has come.
  const head = await page.request.head(`${origin}/api/exports/file?id=${id}`);
  expect(head.headers()['content-length']).toBe(String(Buffer.byteLength(text)));
  const part = await page.request.get(`${origin}/api/exports/file?id=${id}`, { headers: { range: 'bytes=5-9' } });
  expect([part.status(), part.headers()['content-length'], await part.text()]).toEqual([206, '5', text.slice(5, 10)]);

  for (const [path, data] of [
    ['/api/exports', { instrument: slug, kind: 'ticks', format: 'csv', from: '0', to: '1' }],
    ['/api/exports/cancel', { id }],
  ] as const) {
    const refused = await page.request.post(`${origin}${path}`, { headers: { origin }, data });
    expect(refused.status()).toBe(403);
  }
});
