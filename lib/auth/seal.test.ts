import { expect, it } from 'vitest';
import { SealError, seal, unseal } from './seal.ts';

const SECRET = 'a'.repeat(64);

it('S20: opens what it sealed, and hides it', () => {
  const sealed = seal(SECRET, 'telegram', 'canary ₹');
  expect(unseal(SECRET, 'telegram', sealed)).toBe('canary ₹');
  expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toContain('canary');
  expect(unseal(SECRET, 'telegram', seal(SECRET, 'telegram', ''))).toBe('');
});

it('S20: never uses a nonce twice', () => {
  const nonces = Array.from({ length: 10_000 }, () => seal(SECRET, 'totp', 'x').slice(0, 16));
  expect(new Set(nonces).size).toBe(10_000);
});

it('S20: refuses every flipped bit, another purpose and another secret', () => {
  const bytes = Buffer.from(seal(SECRET, 'telegram', 'canary'), 'base64');
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8((changed[bit >> 3] as number) ^ (1 << (bit & 7)), bit >> 3);
    expect(() => unseal(SECRET, 'telegram', changed.toString('base64')), `bit ${bit}`).toThrow(SealError);
  }
  const sealed = bytes.toString('base64');
  expect(() => unseal(SECRET, 'totp', sealed)).toThrow('what was sealed for totp cannot be opened');
  expect(() => unseal('b'.repeat(64), 'telegram', sealed)).toThrow(SealError);
  expect(() => unseal(SECRET, 'telegram', '')).toThrow(SealError);
});
