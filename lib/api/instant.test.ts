import { describe, expect, it } from 'vitest';
import { inIst } from '../services/times.ts';
import { instant } from './instant.ts';

const OPEN_US = Date.UTC(2026, 10, 25, 3, 45) * 1000;

describe('instants', () => {
  it.each([
    '2026-11-25T09:15:00+05:30',
    '2026-11-25T03:45:00Z',
    '2026-11-25T03:45Z',
    '2026-11-25T09:15:00.000+05:30',
    '1795578300000',
  ])('%s is the open of 25 November 2026', (text) => {
    expect(instant.parse(text)).toBe(OPEN_US);
  });

  it.each([
    '2026-11-25T09:15:00',
    '2026-11-25',
    '2026-02-30T09:15:00Z',
    '2026-13-01T09:15:00Z',
    '2026-11-25T25:00:00Z',
    '1795578300',
    '1795578300000000',
    'NaN',
    '1e12',
    '-1795578300000',
    '0x1a2b3c4d5e6f',
    '',
    "1795578300000' OR 1=1",
    '1970-01-01T00:00:00Z',
  ])('%j is none', (text) => {
    expect(() => instant.parse(text)).toThrow(/no instant/);
  });

  it('are answered in IST', () => {
    expect(inIst(OPEN_US + 5_250)).toBe('2026-11-25T09:15:00.005+05:30');
  });
});
