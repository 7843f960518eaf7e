/** A webhook is set up, tried and removed; its address is never seen again. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '../support/fixtures.ts';

const CANARY = 'canary0123456789';

test('a webhook is set up, tried, found broken and removed', async ({ page, trouble }) => {
  const messages: string[] = [];
  let status = 200;
  const hook = createServer((request, response) => {
    request.on('data', (chunk) => messages.push(String(chunk)));
    request.on('end', () => response.writeHead(status).end('no_service'));
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/${CANARY}`;
  try {
    await page.goto('/settings/notifications');
    const slack = page.getByRole('region', { name: 'Slack or a compatible webhook' });
    const outcome = slack.getByRole('status');
    await slack.getByLabel('Webhook address').fill(address);
    await slack.getByRole('button', { name: 'Save' }).click();
    await expect(slack.getByText('Messages go to 127.0.0.1.')).toBeVisible();
    await expect(slack.getByLabel('Webhook address')).toHaveValue('');

    await slack.getByRole('button', { name: 'Send a test' }).click();
    await expect(outcome).toHaveText('The test was sent.');
    expect(messages.join()).toContain('Test from Gehra');

    status = 404;
    trouble.allow(/^HTTP 502: .*notifications\/test/, 'the webhook is gone');
    await slack.getByRole('button', { name: 'Send a test' }).click();
    await expect(outcome).toContainText('refused the message with status 404 (no_service): make a new webhook');
    expect(await page.content()).not.toContain(CANARY);

    await slack.getByRole('button', { name: 'Remove' }).click();
    await expect(slack.getByText('Not set up.')).toBeVisible();
  } finally {
    hook.closeAllConnections();
    await new Promise((resolve) => hook.close(resolve));
  }
});
