/** Behaviour on which sources differ, or which nobody has seen: switches, set over /control/settings. */
import { z } from 'zod';

export const settingsSchema = z.strictObject({
  /** Connections per Kite api key; a further one is refused with HTTP 429. 0: no limit (a soft limit, staff say). */
  kiteConnections: z.number().int().min(0).max(100),
  /** Bid and ask of 20 levels in one message or in two. */
  depth20Layout: z.enum(['stacked', 'separate']),
  /** Bid and ask of 200 levels in two messages, in one, or each filled up to 200 rows with zeros. */
  depth200Layout: z.enum(['separate', 'stacked', 'padded']),
  /** Disconnect packet of the depth feeds: 14 bytes as documented, or 12 as the SDK reads it. */
  dhanDisconnect: z.enum(['documented', 'sdk']),
  /** What a bad Dhan token meets after its handshake: a disconnect packet, or a reset without a word. */
  dhanBadToken: z.enum(['packet', 'reset']),
  /** Tokens of type APP are cut off the 200-level feed after their subscription. */
  rejectAppTokens: z.boolean(),
  /** A further login to Kite: gives the token of the last, as staff say, or a new one that ends it, as others say. */
  kiteSecondLogin: z.enum(['same', 'new']),
  /** Who logs in to Kite. */
  kiteUserId: z.string().regex(/^[A-Z0-9]{2,10}$/),
  /** Who logs in to Dhan, whatever client the consent was begun for; empty: that client. */
  dhanLoginClientId: z.string().regex(/^\d{0,12}$/),
  /** Type of the tokens that Dhan's login gives. */
  dhanLoginType: z.enum(['SELF', 'APP']),
  /** Verbs by which a consent is consumed: the others are answered with 405. */
  dhanConsumeVerbs: z.enum(['both', 'POST', 'GET']),
  /** Requests for candles in a second: as many as is documented, or as many as come. */
  candleRequests: z.enum(['documented', 'any']),
});

export type Settings = z.infer<typeof settingsSchema>;

export const DEFAULT_SETTINGS: Settings = {
  kiteConnections: 3,
  depth20Layout: 'stacked',
  depth200Layout: 'separate',
  dhanDisconnect: 'documented',
  dhanBadToken: 'packet',
  rejectAppTokens: true,
  kiteSecondLogin: 'same',
  kiteUserId: 'DEM001',
  dhanLoginClientId: '',
  dhanLoginType: 'SELF',
  dhanConsumeVerbs: 'both',
  candleRequests: 'documented',
};
