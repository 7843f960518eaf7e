/** The parser of the official JS client, kiteconnect 5.3.0. It wants a buffer of its own, not a view of one. */
import { KiteTicker } from 'kiteconnect';
import type { KiteTick } from './kite-objects.ts';

/** A method of the class, left out of its types. */
interface BinaryParser {
  parseBinary(frame: ArrayBuffer): KiteTick[];
}

export const officialKite = new KiteTicker({ api_key: 'key', access_token: 'token' }) as unknown as BinaryParser;
