import { describe, expect, it } from 'vitest';
import { splitPage } from './depth-history.ts';
import { ServerProblem } from './problem.ts';

function bytesOf(header: object, messages: readonly number[]): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(4 + json.length + messages.length);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 4);
  bytes.set(messages, 4 + json.length);
  return bytes;
}

describe('a page of history', () => {
  it('is split into header and messages', () => {
    const header = { fromUs: 1, toUs: 2, completeToUs: 2, gaps: [] };
    const { page, messages } = splitPage(bytesOf(header, [1, 2, 3]));
    expect(page).toEqual(header);
    expect([...messages]).toEqual([1, 2, 3]);
  });

  it('is refused when it is cut off', () => {
    const whole = bytesOf({ fromUs: 1 }, []);
    for (const length of [0, 3, 4, whole.length - 1]) {
      expect(() => splitPage(whole.subarray(0, length))).toThrow(ServerProblem);
    }
  });
});
