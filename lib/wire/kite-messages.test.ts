import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeWithShared, readSharedJson } from '../../tests/support/shared.ts';
import { WireError } from './errors.ts';
import {
  type KiteMode,
  kiteSetMode,
  kiteSubscribe,
  kiteUnsubscribe,
  parseKiteNotice,
  parseKiteRequest,
} from './kite-messages.ts';

const INFY = 408_065;
const TATAMOTORS = 884_737;

describe('requests', () => {
  it('are written as the official JS client writes them', () => {
    expect(kiteSubscribe([INFY, TATAMOTORS])).toBe('{"a":"subscribe","v":[408065,884737]}');
    expect(kiteUnsubscribe([TATAMOTORS])).toBe('{"a":"unsubscribe","v":[884737]}');
    expect(kiteSetMode('full', [INFY])).toBe('{"a":"mode","v":["full",[408065]]}');
  });

  it('are read with the spaces of the Python client and the strings of the JS client', () => {
    expect(parseKiteRequest('{"a": "subscribe", "v": [408065, 884737]}')).toEqual({
      action: 'subscribe',
      tokens: [INFY, TATAMOTORS],
    });
    expect(parseKiteRequest('{"a":"mode","v":["ltp",["884737"]]}')).toEqual({
      action: 'mode',
      mode: 'ltp',
      tokens: [TATAMOTORS],
    });
  });

  it('may name nothing', () => {
    expect(parseKiteRequest('{"a":"subscribe","v":[]}')).toEqual({ action: 'subscribe', tokens: [] });
  });

  it.each([
    ['no JSON', '{bad json'],
    ['nothing', ''],
    ['null', 'null'],
    ['a number', '7'],
    ['a list', '[]'],
    ['no action', '{}'],
    ['an unknown action', '{"a":"order","v":[1]}'],
    ['no tokens', '{"a":"subscribe"}'],
    ['tokens that are no list', '{"a":"subscribe","v":408065}'],
    ['an unknown mode', '{"a":"mode","v":["deep",[408065]]}'],
    ['a mode without tokens', '{"a":"mode","v":["full"]}'],
    ['a mode that is no list', '{"a":"mode","v":"full"}'],
    ['token 0', '{"a":"subscribe","v":[0]}'],
    ['a negative token', '{"a":"subscribe","v":[-1]}'],
    ['a fraction', '{"a":"subscribe","v":[1.5]}'],
    ['a token beyond 32 bits', '{"a":"subscribe","v":[4294967296]}'],
    ['a token of 1e300', '{"a":"subscribe","v":[1e300]}'],
    ['null for a token', '{"a":"subscribe","v":[null]}'],
    ['true for a token', '{"a":"subscribe","v":[true]}'],
    ['an empty string for a token', '{"a":"subscribe","v":[""]}'],
    ['a hexadecimal token', '{"a":"subscribe","v":["0x10"]}'],
    ['a list for a token', '{"a":"subscribe","v":[[408065]]}'],
    ['an object that is no text', '{"a":"subscribe","v":[{"toString":1,"valueOf":1}]}'],
  ])('%s is none', (_, text) => {
    expect(parseKiteRequest(text)).toBeInstanceOf(WireError);
  });

  it('the smallest and the largest token are read', () => {
    expect(parseKiteRequest('{"a":"unsubscribe","v":[1,4294967295]}')).toEqual({
      action: 'unsubscribe',
      tokens: [1, 4_294_967_295],
    });
  });
});

describe('notices', () => {
  it.each([
    ['{"type":"order","data":{"order_id":"1"}}', { type: 'order', data: { order_id: '1' } }],
    ['{"type":"error","data":"Too many"}', { type: 'error', data: 'Too many' }],
    // The official clients drop these; here they are surfaced.
    ['{"type":"message","data":"hello"}', { type: 'message', data: 'hello' }],
    ['{"type":"order"}', { type: 'order', data: undefined }],
  ])('%s', (text, notice) => {
    expect(parseKiteNotice(text)).toEqual(notice);
  });

  it.each(['{bad json', 'null', '"order"', '[]', '{}', '{"type":"tick"}', '{"type":{"toString":1,"valueOf":1}}'])(
    '%s is none',
    (text) => {
      expect(parseKiteNotice(text)).toMatchObject({ code: 'bad_text' });
    },
  );

  it('an error names what came, and not all of it', () => {
    const error = parseKiteNotice(`{"type":"${'x'.repeat(5000)}"}`) as WireError;
    expect(error.message.length).toBeLessThan(200);
  });
});

describe('properties', () => {
  const tokens = fc.array(fc.integer({ min: 1, max: 0xffff_ffff }), { maxLength: 50 });

  it('what was asked is what is read', () => {
    fc.assert(
      fc.property(tokens, fc.constantFrom<KiteMode>('ltp', 'quote', 'full'), (list, mode) => {
        expect(parseKiteRequest(kiteSubscribe(list))).toEqual({ action: 'subscribe', tokens: list });
        expect(parseKiteRequest(kiteUnsubscribe(list))).toEqual({ action: 'unsubscribe', tokens: list });
        expect(parseKiteRequest(kiteSetMode(mode, list))).toEqual({ action: 'mode', mode, tokens: list });
      }),
    );
  });

  it('any text, and any JSON in any place, is a message or a WireError', () => {
    const anyJson = fc.jsonValue({ maxDepth: 2 });
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      anyJson.map((value) => JSON.stringify(value)),
      fc.tuple(fc.constantFrom('subscribe', 'unsubscribe', 'mode'), anyJson).map(([a, v]) => JSON.stringify({ a, v })),
      anyJson.map((v) => JSON.stringify({ a: 'mode', v: ['full', v] })),
      anyJson.map((type) => JSON.stringify({ type, data: 1 })),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        const request = parseKiteRequest(text);
        if (!(request instanceof WireError)) expect(request.tokens.every((token) => token > 0)).toBe(true);
        const notice = parseKiteNotice(text);
        if (!(notice instanceof WireError)) expect(['order', 'error', 'message']).toContain(notice.type);
      }),
      { numRuns: 500 },
    );
  });
});

interface ClientMessages {
  'kiteconnectjs 5.3.0': { text: string[] };
  'pykiteconnect 5.2.0': { text_first_connect: string[]; text_after_reconnect: string[] };
}

describeWithShared('protocols', 'texts captured from the official clients', () => {
  const authored = ['protocols', 'fixtures', 'kite', 'authored'] as const;

  it('requests: what the JS client sends is what we send, and all of them are read', () => {
    const { 'kiteconnectjs 5.3.0': js, 'pykiteconnect 5.2.0': python } = readSharedJson<ClientMessages>(
      ...authored,
      'client_messages.json',
    );
    expect(js.text).toEqual([
      kiteSubscribe([INFY, TATAMOTORS]),
      kiteSetMode('full', [INFY]),
      // The JS client sends on as a string what it was given as one.
      kiteSetMode('ltp', [TATAMOTORS]).replace(String(TATAMOTORS), `"${TATAMOTORS}"`),
      kiteUnsubscribe([TATAMOTORS]),
    ]);
    const read = [...js.text, ...python.text_first_connect, ...python.text_after_reconnect].map(parseKiteRequest);
    expect(read.filter((request) => request instanceof WireError)).toEqual([]);
  });

  it('notices: all are read that are JSON objects', () => {
    const sent = readSharedJson<{ send: string }[]>(...authored, 'text_messages.json').map(({ send }) => send);
    expect(sent.length).toBe(6);
    expect(sent.filter((text) => parseKiteNotice(text) instanceof WireError)).toEqual(['{bad json', 'null']);
  });
});
