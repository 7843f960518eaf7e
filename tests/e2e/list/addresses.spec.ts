/** Addresses of instruments as people and machines write them, and those that name none. */
import { expect, test } from '../support/fixtures.ts';
import { InstrumentList } from '../support/instrument-list.ts';

test('an address may be in lower case, and its colon encoded or not', async ({ page, live, instruments }) => {
  const { nifty } = instruments;
  for (const slug of [
    nifty.slug.toLowerCase(),
    nifty.slug,
    nifty.slug.replace(':', '%3A'),
    nifty.slug.replace(':', '%3a'),
  ]) {
    const response = await page.goto(`/live/${slug}`);
    expect(response?.status(), slug).toBe(200);
    await expect(live.heatmap).toHaveAccessibleName(`Depth heatmap of ${nifty.symbol}`);
    await expect(page).toHaveTitle(`${nifty.slug} · Gehra`);
  }
});

/** Names of no instrument: as they stand in the address, and as the page must show them. */
const ODD: readonly { readonly what: string; readonly path: string; readonly shown: string }[] = [
  { what: 'no exchange', path: 'NIFTY26DECFUT', shown: 'NIFTY26DECFUT' },
  { what: 'an exchange that there is not', path: 'XYZ:NIFTY26DECFUT', shown: 'XYZ:NIFTY26DECFUT' },
  { what: 'no symbol', path: 'NFO:', shown: 'NFO:' },
  { what: 'only a colon', path: ':', shown: ':' },
  { what: 'two colons', path: 'NFO:NIFTY:FUT', shown: 'NFO:NIFTY:FUT' },
  { what: 'another script', path: 'NFO:निफ्टी', shown: 'NFO:निफ्टी' },
  { what: 'SQL', path: "NFO:X'%20OR%20'1'='1';--", shown: "NFO:X' OR '1'='1';--" },
  { what: 'HTML', path: '%3Cscript%3Ealert(1)%3C%2Fscript%3E', shown: '<script>alert(1)</script>' },
  { what: 'an attribute', path: 'NFO:%22%20onload=%22alert(1)', shown: 'NFO:" onload="alert(1)' },
  { what: 'a path upwards', path: '..%2F..%2Fetc%2Fpasswd', shown: '../../etc/passwd' },
  { what: 'encoded twice', path: 'NFO%253ANIFTY', shown: 'NFO%3ANIFTY' },
  { what: 'a line break', path: 'NFO:A%0AB', shown: 'NFO:A B' },
  { what: 'a zero byte', path: 'NFO:A%00B', shown: 'NFO:A\0B' },
  { what: 'a thousand letters', path: `NFO:${'A'.repeat(1000)}`, shown: `NFO:${'A'.repeat(1000)}` },
];

for (const { what, path, shown } of ODD) {
  test(`${what} is answered with 404 and the search`, async ({ page, trouble }) => {
    trouble.allow(/^HTTP 404: .*\/live\//, 'there is no such instrument');
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      return dialog.dismiss();
    });
    const response = await page.goto(`/live/${path}`);
    expect(response?.status()).toBe(404);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`There is no instrument “${shown}”`);
    await expect(new InstrumentList(page).search).toBeEditable();
    expect(dialogs, 'what a script in the address said').toEqual([]);
  });
}

test('an address that cannot be decoded, or is too long, is a bad request', async ({ request }) => {
  for (const path of ['%', 'NFO:%zz', 'NFO:%E0%A4%A']) {
    expect((await request.get(`/live/${path}`)).status(), path).toBe(400);
  }
  // Beyond what Node.js reads of a request's head.
  expect((await request.get(`/live/${'A'.repeat(20_000)}`)).status()).toBe(431);
});
