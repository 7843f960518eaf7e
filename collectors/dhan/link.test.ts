import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../lib/config/config.ts';
import type { Instrument } from '../../lib/core/instrument.ts';
import { encodeDhanDepthDisconnect } from '../../lib/wire/dhan-depth.ts';
import { encodeDhanLiveDisconnect } from '../../lib/wire/dhan-live-encode.ts';
import { type DhanRequest, parseDhanRequest } from '../../lib/wire/dhan-messages.ts';
import { type DhanKind, dhanLink } from './link.ts';

const instrument = (id: number): Instrument => ({
  id,
  exchange: 'NSE',
  symbol: `S${id}`,
  name: `S${id}`,
  type: 'EQ',
  expiry: null,
  strike: null,
  priceScale: 100,
  tickSize: 5,
  lotSize: 1,
  kiteToken: null,
  dhanSegment: 'NSE_EQ',
  dhanSecurityId: 1000 + id,
});
const many = (count: number) => Array.from({ length: count }, (_, i) => instrument(i));
const link = (kind: DhanKind) => dhanLink(loadConfig({}), kind, () => []);
const read = (texts: readonly string[] | null) =>
  texts?.map((text) => {
    const { code, instruments } = parseDhanRequest(text) as DhanRequest;
    return [code, instruments.length];
  });

describe('a change on an open connection', () => {
  it('unsubscribes first, then subscribes, in messages as long as may be', () => {
    expect(read(link('live').changing(many(3), many(120)))).toEqual([
      [22, 3],
      [21, 100],
      [21, 20],
    ]);
    expect(read(link('depth20').changing(many(1), many(1)))).toEqual([
      [24, 1],
      [23, 1],
    ]);
    expect(read(link('depth20').changing([], []))).toEqual([]);
  });

  it('takes a new connection where one has one instrument', () => {
    expect(link('depth200').changing(many(1), many(1))).toBeNull();
  });
});

describe('a farewell', () => {
  it.each([
    [805, 'connections'],
    [804, 'instruments'],
    [807, undefined],
  ])('for the reason %d says that there are too many: %s', (reason, tooMany) => {
    for (const form of ['documented', 'sdk'] as const) {
      expect(link('depth200').farewell(encodeDhanDepthDisconnect(reason, form))?.tooMany).toBe(tooMany);
    }
    expect(link('live').farewell(encodeDhanLiveDisconnect(reason))?.tooMany).toBe(tooMany);
  });
});
