/**
 * Secrets at rest: AES-256-GCM under a key derived from AUTH_SECRET, a random nonce each time. A sealed text names what it is
 * for, so that one cannot be put in the place of another.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A sealed text that was changed, belongs to another purpose, or was made under another AUTH_SECRET. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

/** @param purpose what the text is for; the same word opens it */
export function seal(authSecret: string, purpose: string, text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, keyOf(authSecret, purpose), nonce);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

/** @throws SealError */
export function unseal(authSecret: string, purpose: string, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64');
  try {
    const decipher = createDecipheriv(ALGORITHM, keyOf(authSecret, purpose), bytes.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    throw new SealError(
      `what was sealed for ${purpose} cannot be opened: it was changed, or AUTH_SECRET is another now`,
    );
  }
}

function keyOf(authSecret: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', authSecret, '', `gehra ${purpose}`, 32));
}
