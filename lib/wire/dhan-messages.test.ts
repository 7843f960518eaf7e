import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeWithShared, readSharedJson } from '../../tests/support/shared.ts';
import { DHAN_SEGMENT_CODES, type DhanSegment } from '../core/exchange.ts';
import {
  DHAN_INSTRUMENTS_PER_MESSAGE,
  DHAN_REQUEST,
  type DhanInstrumentRef,
  dhanDisconnectRequest,
  dhanFlatRequest,
  dhanListRequest,
  parseDhanRequest,
} from './dhan-messages.ts';
import { dhanSegmentName, scaleOfDhanSegment } from './dhan-segments.ts';
import { WireError } from './errors.ts';

const HDFCBANK: DhanInstrumentRef = { segment: 'NSE_EQ', securityId: 1333 };
const NIFTY: DhanInstrumentRef = { segment: 'IDX_I', securityId: 13 };

describe('requests', () => {
  it('have the documented codes and sizes', () => {
    expect(DHAN_REQUEST).toEqual({
      disconnect: 12,
      subscribeTicker: 15,
      unsubscribeTicker: 16,
      subscribeQuote: 17,
      unsubscribeQuote: 18,
      subscribeFull: 21,
      unsubscribeFull: 22,
      subscribeDepth: 23,
      unsubscribeDepth: 24,
      unsubscribeDepthPortal: 25,
    });
    expect(DHAN_INSTRUMENTS_PER_MESSAGE).toEqual({ live: 100, depth20: 50 });
  });

  it('are written as documented, the id as a string', () => {
    expect(dhanListRequest(15, [HDFCBANK, NIFTY])).toBe(
      '{"RequestCode":15,"InstrumentCount":2,"InstrumentList":[{"ExchangeSegment":"NSE_EQ","SecurityId":"1333"},{"ExchangeSegment":"IDX_I","SecurityId":"13"}]}',
    );
    expect(dhanFlatRequest(23, HDFCBANK)).toBe('{"RequestCode":23,"ExchangeSegment":"NSE_EQ","SecurityId":"1333"}');
    expect(dhanDisconnectRequest()).toBe('{"RequestCode":12}');
  });

  it('are read in each form, an id also as a number, unknown keys passed over', () => {
    expect(parseDhanRequest('{"RequestCode": 23, "ExchangeSegment": "NSE_EQ", "SecurityId": 1333, "Mode": 1}')).toEqual(
      {
        code: 23,
        instruments: [HDFCBANK],
        form: 'flat',
      },
    );
    expect(parseDhanRequest('{"RequestCode": 12, "BidAskBoth": true}')).toEqual({
      code: 12,
      instruments: [],
      form: 'bare',
    });
    expect(parseDhanRequest('{"RequestCode":15,"InstrumentList":[]}')).toEqual({
      code: 15,
      instruments: [],
      form: 'list',
    });
  });

  it.each([
    ['no JSON', '{"RequestCode":'],
    ['null', 'null'],
    ['a list', '[15]'],
    ['no code', '{"InstrumentList":[]}'],
    ['a code that is text', '{"RequestCode":"15"}'],
    ['a code with a fraction', '{"RequestCode":15.5}'],
    ['an entry that is null', '{"RequestCode":15,"InstrumentList":[null]}'],
    ['an entry without an id', '{"RequestCode":15,"InstrumentList":[{"ExchangeSegment":"NSE_EQ"}]}'],
    ['an unknown segment', '{"RequestCode":23,"ExchangeSegment":"NSE","SecurityId":"1333"}'],
    ['an inherited name for a segment', '{"RequestCode":23,"ExchangeSegment":"toString","SecurityId":"1333"}'],
    ['no segment', '{"RequestCode":23,"SecurityId":"1333"}'],
    ['an empty id', '{"RequestCode":23,"ExchangeSegment":"NSE_EQ","SecurityId":""}'],
    ['null for an id', '{"RequestCode":23,"ExchangeSegment":"NSE_EQ","SecurityId":null}'],
    ['a list for an id', '{"RequestCode":23,"ExchangeSegment":"NSE_EQ","SecurityId":["1333"]}'],
    ['an object that is no text', '{"RequestCode":23,"ExchangeSegment":"NSE_EQ","SecurityId":{"toString":1}}'],
    ['a negative id', '{"RequestCode":23,"ExchangeSegment":"NSE_EQ","SecurityId":"-1"}'],
    ['a fraction', '{"RequestCode":23,"ExchangeSegment":"NSE_EQ","SecurityId":1.5}'],
    ['a hexadecimal id', '{"RequestCode":23,"ExchangeSegment":"NSE_EQ","SecurityId":"0x10"}'],
    ['an id beyond 32 bits', '{"RequestCode":23,"ExchangeSegment":"NSE_EQ","SecurityId":"4294967296"}'],
  ])('%s is none', (_, text) => {
    expect(parseDhanRequest(text)).toMatchObject({ code: 'bad_text' });
  });
});

describe('segments', () => {
  it.each([
    [0, 'IDX_I', 100],
    [1, 'NSE_EQ', 100],
    [2, 'NSE_FNO', 100],
    [3, 'NSE_CURRENCY', 10_000_000],
    [4, 'BSE_EQ', 100],
    [5, 'MCX_COMM', 100],
    [6, null, 100],
    [7, 'BSE_CURRENCY', 10_000],
    [8, 'BSE_FNO', 100],
    [9, null, 100],
    [255, null, 100],
  ])('%i is %s, with %i price units in a rupee', (code, name, scale) => {
    expect(dhanSegmentName(code)).toBe(name);
    expect(scaleOfDhanSegment(code)).toBe(scale);
  });
});

describe('properties', () => {
  const anyRef: fc.Arbitrary<DhanInstrumentRef> = fc.record({
    segment: fc.constantFrom(...(Object.keys(DHAN_SEGMENT_CODES) as DhanSegment[])),
    securityId: fc.nat({ max: 0xffff_ffff }),
  });
  const anyCode = fc.constantFrom(...Object.values(DHAN_REQUEST));

  it('what was asked is what is read', () => {
    fc.assert(
      fc.property(anyCode, fc.array(anyRef, { maxLength: 100 }), anyRef, (code, instruments, one) => {
        expect(parseDhanRequest(dhanListRequest(code, instruments))).toEqual({ code, instruments, form: 'list' });
        expect(parseDhanRequest(dhanFlatRequest(code, one))).toEqual({ code, instruments: [one], form: 'flat' });
      }),
    );
  });

  it('any text, and any JSON in any place, is a message or a WireError', () => {
    const anyJson = fc.jsonValue({ maxDepth: 2 });
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      anyJson.map((value) => JSON.stringify(value)),
      anyJson.map((InstrumentList) => JSON.stringify({ RequestCode: 15, InstrumentList })),
      anyJson.map((entry) => JSON.stringify({ RequestCode: 15, InstrumentList: [entry] })),
      fc
        .tuple(fc.constantFrom<unknown>('NSE_EQ', null), anyJson)
        .map(([ExchangeSegment, SecurityId]) => JSON.stringify({ RequestCode: 23, ExchangeSegment, SecurityId })),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        const request = parseDhanRequest(text);
        if (request instanceof WireError) return;
        for (const { segment, securityId } of request.instruments) {
          expect(Object.keys(DHAN_SEGMENT_CODES)).toContain(segment);
          expect(Number.isInteger(securityId)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

interface ClientMessages {
  MarketFeed: { first: object; unsubscribe: object; close: string[] };
  FullDepth200: { subscribe: string[] };
}

describeWithShared('protocols', 'texts captured from the official client', () => {
  it('are what we send, but for the spaces, and are read', () => {
    const { MarketFeed, FullDepth200 } = readSharedJson<ClientMessages>(
      ...['protocols', 'fixtures', 'dhan', 'authored', 'client_messages.json'],
    );
    expect(MarketFeed.first).toEqual(JSON.parse(dhanListRequest(DHAN_REQUEST.subscribeTicker, [NIFTY])));
    expect(MarketFeed.unsubscribe).toEqual(JSON.parse(dhanListRequest(DHAN_REQUEST.unsubscribeTicker, [HDFCBANK])));
    expect(MarketFeed.close[0]).toBe('{"RequestCode": 12}');
    expect(parseDhanRequest(MarketFeed.close[0] as string)).toEqual({ code: 12, instruments: [], form: 'bare' });
    expect(FullDepth200.subscribe.map(parseDhanRequest)).toEqual([
      { code: 23, instruments: [{ segment: 'NSE_FNO', securityId: 55_796 }], form: 'flat' },
    ]);
  });
});
