import { describe, expect, it } from 'vitest';
import { parseHello, parseStatus, StreamFormatError } from './stream-events.ts';

const hello = {
  protocol: 1,
  serverTimeUs: 5,
  heartbeatMs: 1000,
  resumedFromUs: null,
  simulated: true,
  instruments: [],
};

describe('stream events', () => {
  it('reads a hello', () => {
    expect(parseHello(JSON.stringify(hello))).toEqual({
      protocol: 1,
      serverTimeUs: 5,
      heartbeatMs: 1000,
      resumedFromUs: null,
      simulated: true,
      clock: null,
    });
    const clock = { epoch: 2, timeUs: 7, fromUs: 1, toUs: 9, speed: 4, state: 'playing' };
    expect(parseHello(JSON.stringify({ ...hello, clock })).clock).toEqual(clock);
    expect(parseHello(JSON.stringify({ ...hello, resumedFromUs: 4, simulated: undefined }))).toMatchObject({
      resumedFromUs: 4,
      simulated: false,
    });
  });

  it.each([
    ['another version', { ...hello, protocol: 2 }, /version 2/],
    ['no time', { ...hello, serverTimeUs: 'now' }, /serverTimeUs/],
    ['no heartbeat', { ...hello, heartbeatMs: null }, /heartbeatMs/],
    ['a clock without a time', { ...hello, clock: { epoch: 1 } }, /clock\.timeUs/],
    ['no object', 7, /no object/],
  ])('refuses a hello with %s', (_, value, words) => {
    expect(() => parseHello(JSON.stringify(value))).toThrow(StreamFormatError);
    expect(() => parseHello(JSON.stringify(value))).toThrow(words);
  });

  it('refuses a status without its parts', () => {
    expect(() => parseStatus(JSON.stringify({ serverTimeUs: 1, instruments: {}, feeds: {} }))).toThrow(/recorder/);
    const whole = { serverTimeUs: 1, instruments: {}, feeds: {}, recorder: { state: 'recording', lagMs: 1 } };
    expect(parseStatus(JSON.stringify(whole))).toEqual({ ...whole, clock: null });
  });
});
