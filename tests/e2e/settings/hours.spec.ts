/** What was announced late is entered on a page, and recording goes by it. */
import { existsSync, rmSync } from 'node:fs';
import { calendarFile, readEntered } from '../../../lib/net/calendar-file.ts';
import { expect, test } from '../support/fixtures.ts';

const DATE = '2031-11-14';

test('a Muhurat session is entered, corrected and taken back', async ({ page, instance, trouble }) => {
  trouble.allow(/^HTTP 400: .*settings\/hours/, 'what is entered first is wrong');
  rmSync(calendarFile(instance.dataDir), { force: true });
  await page.goto('/settings/hours');
  const special = page.getByRole('region', { name: 'Special days' });
  const enter = async (start: string, end: string): Promise<void> => {
    await special.getByLabel('Date').fill(DATE);
    await special.getByLabel('Name').fill('Muhurat');
    await special.getByLabel('From (IST)').fill(start);
    await special.getByLabel('To (IST)').fill(end);
    await special.getByRole('button', { name: 'Enter' }).click();
  };
  await enter('19:00', '18:00');
  await expect(special.getByRole('status')).toHaveText('The session ends before it starts.');
  expect(existsSync(calendarFile(instance.dataDir))).toBe(false);

  await enter('18:00', '19:00');
  await expect(special.getByRole('listitem').filter({ hasText: '14 Nov 2031' })).toContainText('18:00 to 19:00');
  expect(readEntered(instance.dataDir).days).toEqual([
    { date: DATE, kind: 'muhurat', name: 'Muhurat', hours: { start: '18:00', end: '19:00' } },
  ]);
  await special.getByRole('button', { name: 'Take back 14 Nov 2031' }).click();
  await expect(special.getByRole('status')).toHaveText('Taken back: 14 Nov 2031.');
  expect(readEntered(instance.dataDir).days).toEqual([]);
});
