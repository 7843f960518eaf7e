/** Random texts that let somebody in, and what is kept of them. */
import { createHash, randomBytes } from 'node:crypto';

const BYTES = 32;

/** 256 random bits, of characters that stand in an address, a header or a cookie as they are. */
export const newSecret = (): string => randomBytes(BYTES).toString('base64url');

/** What is stored of such a text. It is random by itself: nothing slower is needed, and it can be looked up. */
export const hashOfSecret = (text: string): Buffer => createHash('sha256').update(text).digest();
