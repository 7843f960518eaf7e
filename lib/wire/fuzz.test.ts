/** A few seconds of mutation fuzzing with a fixed seed; tests/long/fuzz.ts runs as long, and with as many seeds, as asked. */
import { describe, expect, it } from 'vitest';
import { type FuzzTarget, fuzz } from '../../tests/support/fuzz.ts';
import { fuzzTargets } from '../../tests/support/fuzz-targets.ts';

/** Of a broker's protocol. Our own messages, which no stranger sends, get a quarter of it. */
const FRAMES = 200_000;
const framesOf = ({ name }: FuzzTarget): number => (name === 'messages' ? FRAMES / 4 : FRAMES);

describe('damaged frames', () => {
  it.each(fuzzTargets())(
    '$name: records or counted errors, and the next good frame decodes',
    { timeout: 120_000 },
    (target) => {
      const frames = framesOf(target);
      const report = fuzz(target, frames, 20_251_229);
      expect(report.frames).toBe(frames);
      // Damage that always or never got through would test little.
      expect(report.withRecords).toBeGreaterThan(frames / 10);
      expect(report.withErrors).toBeGreaterThan(frames / 10);
    },
  );
});

describe('the fuzzer itself', () => {
  const seeds = [Buffer.from('0102030405060708090a0b0c0d0e0f10', 'hex')];
  const result = (digest: number) => ({ digest, records: 1, errors: 0 });
  /** The message of the failure and that of its cause. */
  function finding(decode: FuzzTarget['decode']): [string, string] {
    try {
      fuzz({ name: 'planted', seeds, decode }, 10_000, 7);
    } catch (error) {
      if (error instanceof Error && error.cause instanceof Error) return [error.message, error.cause.message];
      throw error;
    }
    return ['nothing', ''];
  }

  it('notices an exception, and names seed and frame', () => {
    const [message, cause] = finding((frame) => {
      if (frame[0] === 0xff) throw new Error('found');
      return result(0);
    });
    expect(message).toMatch(/^planted, seed 7, frame \d+: ff/);
    expect(cause).toBe('found');
  });

  it('notices a read outside the frame', () => {
    const [, cause] = finding((frame) => result(new Uint8Array(frame.buffer)[frame.byteOffset + frame.length] ?? 0));
    expect(cause).toBe('the result depends on bytes outside the frame');
  });

  it('notices a decoder that remembers a bad frame', () => {
    let stained = 0;
    const [, cause] = finding((frame) => {
      if (frame.length > 16) stained = 1;
      return result(frame.length === 16 ? stained : 0);
    });
    expect(cause).toMatch(/^good frame 0 decodes otherwise/);
  });
});
