/** What a Dhan token says of itself: it is a JWT, whose claims anybody can read (dhanhq.co/docs/v2/authentication). */
import { z } from 'zod';

export interface DhanClaims {
  readonly expiresMs: number;
  readonly issuedMs: number | null;
  readonly clientId: string | null;
  /** `SELF` where made on web.dhan.co, `APP` where made by an application; null where it does not say. */
  readonly consumerType: string | null;
}

/** s since the epoch. A claim from after 2100 was not made by Dhan; and a date goes to the year 275760 only. */
const time = z
  .number()
  .positive()
  .max(Date.UTC(2100, 0) / 1000);
const schema = z.object({
  exp: time,
  iat: time.optional(),
  dhanClientId: z.string().min(1).optional(),
  tokenConsumerType: z.string().min(1).optional(),
});

/** Claims of a token; null where it is no JWT with an end that can be. Its signature is for Dhan to check. */
export function dhanClaims(token: string): DhanClaims | null {
  const parts = token.split('.');
  if (parts.length !== 3) return null;
  try {
    const claims = schema.parse(JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8')));
    return {
      expiresMs: claims.exp * 1000,
      issuedMs: claims.iat === undefined ? null : claims.iat * 1000,
      clientId: claims.dhanClientId ?? null,
      consumerType: claims.tokenConsumerType ?? null,
    };
  } catch {
    // Neither JSON nor claims: some other string.
    return null;
  }
}
