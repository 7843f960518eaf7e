/** Entering days: what there is room for, and what is refused before anything is written. */
import { rmSync, writeFileSync } from 'node:fs';
import pino from 'pino';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { PUT } from '../../app/api/settings/hours/route.ts';
import { migrate } from '../../db/migrate.ts';
import { newDataFolder } from '../../tests/support/data-folder.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { startTestServices } from '../../tests/support/services.ts';
import { addDays, formatIstDate } from '../core/ist.ts';
import { calendarFile, DAYS_MAX, readEntered, writeEntered } from '../net/calendar-file.ts';

const log = pino({ level: 'silent' });
const APP = 'http://127.0.0.1:3000';
const TODAY = formatIstDate(Date.now() * 1000);

let database: { url: string; drop: () => Promise<void> };
let dataDir: string;
let stop: () => Promise<void>;

beforeEach(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  dataDir = newDataFolder();
  ({ stop } = await startTestServices(database.url, log, { GEHRA_DATA_DIR: dataDir, APP_URL: APP }));
});
afterEach(async () => {
  await stop();
  await database.drop();
  rmSync(dataDir, { recursive: true });
});

const holiday = (date: string, name = 'Holiday') => ({ date, kind: 'holiday' as const, name });
const enter = async (day: object): Promise<[number, string]> => {
  const body = JSON.stringify({ day });
  const headers = { host: '127.0.0.1:3000', origin: APP, 'content-type': 'application/json' };
  const response = await PUT(new Request(`${APP}/api/settings/hours`, { method: 'PUT', headers, body }));
  return [response.status, await response.text()];
};
const dates = (): string[] => readEntered(dataDir).days.map(({ date }) => date);

it('refuses a day more than there is room for, and keeps the calendar', async () => {
  const coming = Array.from({ length: DAYS_MAX }, (_, i) => addDays(TODAY, i));
  writeEntered(dataDir, { days: coming.map((date) => holiday(date)) });
  expect(await enter(holiday(addDays(TODAY, DAYS_MAX)))).toEqual([
    409,
    expect.stringMatching(/no more: take some back/),
  ]);
  expect(dates()).toEqual(coming);
  // In the place of one that is there.
  expect((await enter(holiday(TODAY, 'Another')))[0]).toBe(200);
  expect(readEntered(dataDir).days[0]?.name).toBe('Another');
});

it('makes room by days that are long over', async () => {
  const over = Array.from({ length: DAYS_MAX }, (_, i) => addDays(TODAY, i - DAYS_MAX));
  writeEntered(dataDir, { days: over.map((date) => holiday(date)) });
  expect((await enter(holiday(TODAY)))[0]).toBe(200);
  expect(dates()).toEqual([...over.filter((date) => date >= addDays(TODAY, -366)), TODAY]);
});

it('refuses a name with characters that nobody sees before anything is written', async () => {
  for (const unseen of ['\u0000', '\u001b', '\u2028', '\u202e']) {
    expect((await enter(holiday(TODAY, `Holi${unseen}day`)))[0]).toBe(400);
  }
  expect(dates()).toEqual([]);
});

it('asks for a broken file to be mended first', async () => {
  writeFileSync(calendarFile(dataDir), 'root:secret');
  expect(await enter(holiday(TODAY))).toEqual([409, expect.stringMatching(/calendar\.json is no JSON/)]);
});
