/** A rule from its writing to what it tells: seen before it is switched on, and told once, on screen and to the webhook. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { istWithoutOffset } from '../../../lib/core/ist.ts';
import { expect, test } from '../support/fixtures.ts';

/** Times the largest level that the simulated future has near its touch. */
const WALL_LOTS = 4000;
const WALL_TICKS = 30;
const NAME = 'Walls that are pulled';

interface Message {
  readonly key: string | undefined;
  readonly body: string;
}

test('a wall that is pulled is told by a rule once: on screen, in the log and to the webhook', async ({
  page,
  instance,
  instruments,
}) => {
  test.slow();
  const { slug, lotSize } = instruments.nifty;
  const headers = { origin: instance.appUrl };
  const messages: Message[] = [];
  const hook = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const key = request.headers['idempotency-key'];
      messages.push({ key: Array.isArray(key) ? key.join() : key, body: Buffer.concat(parts).toString() });
      response.end('ok');
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  const webhookUrl = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
  try {
    const kept = await page.request.put('/api/settings/notifications', {
      headers,
      data: { channel: 'slack', webhookUrl },
    });
    expect(kept.status()).toBe(200);
    await page.goto('/signals/rules');
    await page.getByRole('button', { name: 'New rule' }).click();
    const form = page.getByRole('region', { name: 'New rule' });
    await form.getByRole('checkbox', { name: 'Wall pulled' }).check();
    await form.getByRole('checkbox', { name: 'All that are recorded' }).uncheck();
    await form.getByLabel('Search the recorded instruments').fill(slug);
    await form.getByRole('checkbox', { name: slug }).check();
    // The simulated exchange trades around the clock.
    const isMorning = Number(istWithoutOffset(Date.now()).slice(11, 13)) < 12;
    await form.getByLabel('From, IST').fill(isMorning ? '00:00' : '12:00');
    await form.getByLabel('To (not included), IST').fill(isMorning ? '23:59' : '11:59');
    await form.getByLabel('Cooldown, minutes').fill('0');
    await form.getByRole('checkbox', { name: 'Webhook' }).check();
    await form.getByRole('button', { name: 'Preview' }).click();
    await expect(form.getByLabel('Name')).toBeFocused();
    await expect(form.getByText('Give the rule a name.')).toBeVisible();
    await form.getByLabel('Name').fill(NAME);
    await form.getByRole('button', { name: 'Preview' }).click();
    await expect(form.getByText(/^It would have told/)).toBeVisible();
    await form.getByRole('button', { name: 'Save and switch on' }).click();
    await expect(page.getByRole('switch', { name: `Rule ${NAME}` })).toBeChecked();

    // The detectors may still be learning what is usual: until they know, walls come and go unseen.
    let price = '';
    await expect(async () => {
      const wall = await instance.control<{ price: number }>('wall', {
        instrument: slug,
        side: 'bid',
        quantity: WALL_LOTS * lotSize,
        ticks: WALL_TICKS,
      });
      price = (wall.price / 100).toLocaleString('en-IN', { minimumFractionDigits: 2 });
      const query = new URLSearchParams({
        instruments: slug,
        kinds: 'wall_appeared',
        from: new Date(Date.now() - 60_000).toISOString(),
        to: new Date(Date.now() + 60_000).toISOString(),
      });
      const prices = async (): Promise<number[]> => {
        const { signals } = (await (await page.request.get(`/api/signals?${query}`)).json()) as {
          signals: { lowPrice: number }[];
        };
        return signals.map(({ lowPrice }) => lowPrice);
      };
      try {
        await expect.poll(prices, { timeout: 8000 }).toContain(wall.price);
      } finally {
        await instance.control('pull', { instrument: slug, side: 'bid', price: wall.price });
      }
    }).toPass({ timeout: 120_000 });

    const toast = page.locator('[data-alert]').filter({ hasText: price });
    await expect(toast).toContainText(`${slug}: wall pulled`);
    const told = page.getByRole('list', { name: 'Alerts' }).locator('> li').filter({ hasText: price });
    await expect(told).toHaveCount(1);
    await expect(told).toContainText('On screen: shown');
    await expect(told).toContainText('Webhook: sent');
    const own = messages.filter(({ body }) => body.includes(price));
    expect(own.map(({ key }) => key)).toEqual([expect.stringMatching(/^alert-\d+-.+/)]);
    await toast.getByRole('button', { name: /^Put aside/ }).click();
    await expect(toast).toHaveCount(0);

    await page.getByRole('list', { name: 'Rules' }).getByRole('button', { name: 'Delete' }).click();
    await page
      .getByRole('dialog', { name: `Delete ${NAME}?` })
      .getByRole('button', { name: 'Delete' })
      .click();
    await expect(page.getByText(/^There is no rule\./)).toBeVisible();
  } finally {
    await instance.sql('DELETE FROM gehra.alert_rules');
    await page.request.delete('/api/settings/notifications?channel=slack', { headers });
    hook.closeAllConnections();
    await new Promise((resolve) => hook.close(resolve));
  }
});
