import { describe, expect, it } from 'vitest';
import { InstrumentTimes } from '../core/instrument-times.ts';
import { decodeSeen, encodeSeen } from './seen.ts';

describe('who was heard of', () => {
  it('is told in twelve bytes an instrument', () => {
    const times = new InstrumentTimes();
    times.ask([7, 4_000_000_000], 1_000_000);
    times.stampUs = 1_790_000_000_500_000;
    times.note(7);
    times.note(99);
    const bytes = encodeSeen(times, 1_790_000_002_000_000);
    expect(bytes.length).toBe(24);
    expect(decodeSeen(bytes)).toEqual([
      { instrumentId: 7, firstS: 1_790_000_000, ageMs: 1500 },
      { instrumentId: 4_000_000_000, firstS: null, ageMs: null },
    ]);
  });

  it('stays small for all that Kite allows', () => {
    const times = new InstrumentTimes();
    times.ask(
      Array.from({ length: 3000 }, (_, i) => i + 1),
      1,
    );
    expect(encodeSeen(times, 2).length).toBe(36_000);
  });
});
