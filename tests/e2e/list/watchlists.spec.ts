/** Watchlists by hand: made, filled by search, rule and text, put in order, taken apart. */
import { answerWith } from '../support/answers.ts';
import { expect, test } from '../support/fixtures.ts';
import { InstrumentList } from '../support/instrument-list.ts';

test('a list is made, filled, put in order and deleted', async ({ page, instruments, trouble }) => {
  trouble.allow(/^HTTP (422|409): .*\/api\/watchlists/, 'what cannot be is refused');
  await page.goto('/instruments');
  await page.getByRole('textbox', { name: 'Name of the new watchlist' }).fill('Of this test');
  await page.getByRole('button', { name: 'Create' }).click();
  const card = page.getByRole('article', { name: 'Watchlist Of this test' });
  await expect(card).toContainText('Nothing stands in this list yet.');

  // A rule: the options at the money of the simulated chain, with the strike where the index stands.
  await card.getByRole('button', { name: 'Add a rule' }).click();
  let dialog = page.getByRole('dialog', { name: 'Add a rule to Of this test' });
  await dialog.getByRole('spinbutton', { name: 'Strikes on each side' }).fill('1');
  await dialog.getByRole('textbox', { name: 'Underlying' }).fill('niftyy');
  await dialog.getByRole('button', { name: 'Add the rule' }).click();
  await expect(dialog.getByRole('alert')).toContainText('No future or option is listed of NIFTYY');
  await dialog.getByRole('textbox', { name: 'Underlying' }).fill('nifty');
  await dialog.getByRole('button', { name: 'Add the rule' }).click();
  await expect(dialog).toBeHidden();
  const entries = card.getByRole('list', { name: 'Entries of Of this test' }).getByRole('listitem');
  await expect(entries).toHaveText(
    /NIFTY: options at the money ± 1 strikes, nearest expiry · \d instruments, at 2[56],\d00/,
  );

  // By search, with the keyboard alone.
  await card.getByRole('button', { name: 'Add an instrument' }).click();
  dialog = page.getByRole('dialog', { name: 'Add an instrument to Of this test' });
  await new InstrumentList(dialog).search.fill('hdfc');
  await expect(new InstrumentList(dialog).options).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('status')).toHaveText(`Added: ${instruments.hdfcBank.slug}`);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(entries).toHaveCount(2);

  // By text; what is not known is named.
  await card.getByRole('button', { name: 'Import' }).click();
  dialog = page.getByRole('dialog', { name: 'Import instruments into Of this test' });
  await dialog.getByRole('textbox').fill(`# two\n${instruments.infosys.slug}\nNSE:NOBODY\n`);
  await dialog.getByRole('button', { name: 'Import 2 lines' }).click();
  await expect(dialog.getByRole('status')).toHaveText('1 instrument was added. Not known: NSE:NOBODY');
  await page.keyboard.press('Escape');
  await expect(entries).toHaveCount(3);

  await card.getByRole('button', { name: `Move ${instruments.infosys.slug} up` }).click();
  await expect(entries.nth(1)).toContainText('INFY');
  await card.getByRole('button', { name: `Take ${instruments.hdfcBank.slug} from Of this test` }).click();
  await expect(entries).toHaveCount(2);
  const text = await page.request.get((await card.getByRole('link', { name: /Export/ }).getAttribute('href')) ?? '');
  expect(await text.text()).toMatch(/^# Of this test\n# NIFTY: options at the money .*\nNSE:INFY\n$/);

  await card.getByRole('button', { name: 'Rename Of this test' }).click();
  await card.getByRole('textbox', { name: 'New name of Of this test' }).fill('Recorded');
  await card.getByRole('button', { name: 'Rename', exact: true }).click();
  await expect(card.getByRole('alert')).toContainText('There is a watchlist “Recorded” already');
  await card.getByRole('textbox').fill('Renamed by this test');
  await card.getByRole('button', { name: 'Rename', exact: true }).click();
  const renamed = page.getByRole('article', { name: 'Watchlist Renamed by this test' });
  await renamed.getByRole('button', { name: 'Delete Renamed by this test' }).click();
  await page.getByRole('button', { name: 'Delete the watchlist' }).click();
  await expect(renamed).toBeHidden();
});

test('a slot can be looked into', async ({ page, instruments }) => {
  await page.goto('/instruments');
  await page.getByRole('button', { name: 'Look into dhan-depth20-1' }).click();
  const dialog = page.getByRole('dialog', { name: 'Instruments of dhan-depth20-1' });
  const row = dialog.getByRole('row').filter({ hasText: instruments.nifty.slug });
  await expect(row).toHaveText(/\d\d:\d\d:\d\d\s*\d+\.\d s ago/);
});

test('a viewer sees everything and can change nothing', async ({ page }) => {
  const answer = await page.request.get('/api/watchlists');
  await answerWith(page, 'watchlists', { ...(await answer.json()), mayChange: false });
  await page.goto('/instruments');
  const card = page.getByRole('article', { name: 'Watchlist Recorded' });
  await expect(card.getByRole('listitem').first()).toBeVisible();
  await expect(page.getByText('You see what is recorded; changing it takes the role owner.')).toBeVisible();
  await expect(card.getByRole('button')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Create' })).toHaveCount(0);
});
