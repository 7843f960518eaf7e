import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProfileRow } from '../heatmap/profile.ts';
import { SessionProfile, type WantedProfile } from './session-profile.ts';

const WANTED: WantedProfile = { instrument: 'NFO:X', fromUs: 0, toUs: 60_000_000, rowTicks: 5, rowUnits: 25 };
const ROW = { price: 100, buy: 3, sell: 2, unknown: 1, trades: 4 };

let answers: ((answer: Response) => void)[] = [];
let nowMs = 0;
let taken: (readonly ProfileRow[] | null)[] = [];
let profile: SessionProfile;

beforeEach(() => {
  answers = [];
  nowMs = 0;
  taken = [];
  vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => answers.push(resolve)));
  profile = new SessionProfile(
    'http://127.0.0.1',
    () => nowMs,
    (rows) => taken.push(rows),
  );
});
afterEach(() => vi.unstubAllGlobals());

async function answer(at: number, body: object): Promise<void> {
  answers[at]?.(Response.json(body));
  await vi.waitFor(() => expect(taken.at(-1)).not.toBeNull());
}

describe('the profile of a day', () => {
  it('is waited for, however long the server takes, and asked for again only after that', async () => {
    profile.poke(WANTED);
    nowMs = 60_000;
    profile.poke(WANTED);
    expect(answers).toHaveLength(1);
    await answer(0, { rows: [ROW] });
    expect(taken.at(-1)).toEqual([{ row: 4, bought: 3, sold: 2, unknown: 1, trades: 4 }]);
    nowMs = 64_000;
    profile.poke(WANTED);
    expect(answers).toHaveLength(1);
    nowMs = 66_000;
    profile.poke(WANTED);
    expect(answers).toHaveLength(2);
  });

  it('is asked for at once where it is another one, and the answer to the former is not shown', async () => {
    profile.poke(WANTED);
    profile.poke({ ...WANTED, rowTicks: 10, rowUnits: 50 });
    expect(answers).toHaveLength(2);
    answers[0]?.(Response.json({ rows: [{ ...ROW, price: 900 }] }));
    await answer(1, { rows: [ROW] });
    expect(taken.filter((rows) => rows !== null)).toEqual([[expect.objectContaining({ row: 2 })]]);
  });
});
