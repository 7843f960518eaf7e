/** Coming in and going out in a browser. */
import { Secret, TOTP } from 'otpauth';
import { expect, test } from '../support/fixtures.ts';
import { PASSWORD } from '../support/sign-in-server.ts';

test('S34: the link of the first start makes an owner who is signed in, and leads nowhere afterwards', async ({
  page,
  signInServer,
  trouble,
}) => {
  const link = await signInServer.link('Asha');
  await page.goto(link);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('Password, once more').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set the password and sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Depth');
  await expect(page.getByRole('banner')).toContainText('Asha · owner');
  trouble.allow(/^HTTP 404: .*\/setup/, 'the link was used');
  expect((await page.goto(link))?.status()).toBe(404);
  await expect(page.getByRole('main')).toContainText('used already or has expired');
});

test('signing out ends the session of a copied cookie, and the way back leads to where one was', async ({
  page,
  context,
  signInServer,
  trouble,
}) => {
  trouble.allow(/^HTTP 401: .*\/api\/(notices|keys)/, 'asked for just as the session ended', 'perhaps');
  await signInServer.signIn(page, 'Asha');
  await page.goto(await signInServer.address('/settings/keys'));
  const copy = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const ask = async () => (await fetch(await signInServer.address('/api/me'), { headers: { cookie: copy } })).status;
  expect(await ask()).toBe(200);
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page).toHaveURL(/\/login$/);
  expect(await ask()).toBe(401);
  await page.goto(await signInServer.address('/settings/keys'));
  await expect(page).toHaveURL(/\/login\?next=%2Fsettings%2Fkeys$/);
  await page.getByLabel('Name').fill('Asha');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/settings\/keys$/);
});

test('a live page says so when its session ends', async ({ page, signInServer, trouble }) => {
  trouble.allow(/^HTTP 401: /, 'the session has ended', 'perhaps');
  await signInServer.signIn(page, 'Vik');
  const slug = 'NFO:NIFTY26DECFUT';
  await page.goto(await signInServer.address(`/live/${slug}`));
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  const instance = await signInServer.instance();
  const streams = async () => (await (await fetch(`${instance.appUrl}/api/health/ready`)).json()).streamClients;
  await expect.poll(streams).toBe(1);
  await instance.sql('DELETE FROM gehra.sessions');
  await expect(page.getByRole('heading', { name: 'Signed out' })).toBeVisible({ timeout: 8000 });
  await expect(page.getByRole('link', { name: 'Sign in' })).toHaveAttribute('href', /^\/login\?next=%2Flive%2F/);
});

test('a second factor is switched on with a phone, asked for, and switched off', async ({
  page,
  signInServer,
  trouble,
}) => {
  trouble.allow(/^HTTP 401: .*\/callback\/credentials/, 'a code is needed');
  trouble.allow(/^HTTP 401: .*\/api\/notices/, 'a poll meets the end of its session', 'perhaps');
  await signInServer.signIn(page, 'Vik');
  await page.goto(await signInServer.address('/settings/security'));
  await page.getByRole('button', { name: 'Switch on' }).click();
  const totp = new TOTP({ secret: Secret.fromBase32(await page.getByLabel('Secret').inputValue()) });
  await page.getByLabel('Code').fill(totp.generate());
  await page.getByRole('button', { name: 'Switch on' }).click();
  const codes = page.getByRole('status').getByRole('listitem');
  await expect(codes).toHaveCount(10);
  const [recovery = '', other = ''] = await codes.allTextContents();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByLabel('Name').fill('Vik');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Code').fill(recovery);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('banner')).toContainText('Vik · viewer');
  await page.goto(await signInServer.address('/settings/security'));
  await expect(page.getByText('9 recovery codes are left')).toBeVisible();
  await page.getByLabel('Code, to switch it off').fill(other);
  await page.getByRole('button', { name: 'Switch off' }).click();
  await expect(page.getByText('a stolen password alone lets nobody in')).toBeVisible();
});

test('S40: a grave change asks for the password again after a quarter of an hour', async ({
  page,
  signInServer,
  trouble,
}) => {
  trouble.allow(/^HTTP 403: .*\/api\/people/, 'the password is needed');
  trouble.allow(/^HTTP 422: .*\/api\/account\/confirm/, 'it is wrong first');
  await signInServer.signIn(page, 'Asha');
  await page.goto(await signInServer.address('/settings'));
  await (await signInServer.instance()).sql(`UPDATE gehra.sessions SET password_at = now() - interval '16 minutes'`);
  await page.getByRole('button', { name: 'Link for a viewer' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Password').fill('wrong password');
  await dialog.getByRole('button', { name: 'Go on' }).click();
  await expect(dialog.getByRole('alert')).toHaveText('This is not your password.');
  await dialog.getByLabel('Password').fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Go on' }).click();
  await expect(dialog).toBeHidden();
  const link = page.getByLabel('Link', { exact: true });
  await expect(link).toHaveValue(/\/setup\?code=/);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy the link' }).click();
  await expect(page.getByText('Copied.')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await link.inputValue());
});

test('the depth page says who is signed in, and keys lead out of it', async ({ page, signInServer, trouble }) => {
  trouble.allow(/^HTTP 401: /, 'the session has ended', 'perhaps');
  await signInServer.signIn(page, 'Vik');
  await page.goto(await signInServer.address('/live/NFO:NIFTY26DECFUT'));
  const menu = page.locator('summary').filter({ hasText: 'Account and pages' });
  await menu.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('Vik · viewer')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByText('Vik · viewer')).toBeHidden();
  await expect(menu).toBeFocused();
  await page.keyboard.press('Enter');
  const signOut = page.getByRole('button', { name: 'Sign out' });
  const stops = await page.locator('details[open] :is(a, select)').count();
  expect(stops).toBeGreaterThan(4);
  for (let i = 0; i <= stops; i += 1) await page.keyboard.press('Tab');
  await expect(signOut).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/login$/);
  await expect(page.getByLabel('Name')).toBeFocused();
});

test('a viewer sees no people and no keys', async ({ page, signInServer }) => {
  await signInServer.signIn(page, 'Vik');
  for (const path of ['/settings', '/settings/keys']) {
    await page.goto(await signInServer.address(path));
    await expect(page.getByText('You are a viewer')).toBeVisible();
  }
});

test('a viewer finds what only owners may do switched off, with the reason beside it', async ({
  page,
  signInServer,
}) => {
  const places = [
    ['/rehearsal', 'Run now', 'to run one now takes the role owner'],
    ['/settings/notifications', 'Save', 'to change the channels below takes the role owner'],
    ['/settings/hours', 'Enter', 'to enter a day or take one back takes the role owner'],
  ] as const;
  for (const [name, isOwner] of [
    ['Vik', false],
    ['Asha', true],
  ] as const) {
    await signInServer.signIn(page, name);
    for (const [path, button, reason] of places) {
      await page.goto(await signInServer.address(path));
      await expect(page.getByRole('banner')).toContainText(name);
      const control = page.getByRole('button', { name: button, exact: true }).first();
      await expect(control).toBeEnabled({ enabled: isOwner });
      await expect(page.getByText(reason)).toHaveCount(isOwner ? 0 : 1);
    }
    await page.context().clearCookies();
  }
});
