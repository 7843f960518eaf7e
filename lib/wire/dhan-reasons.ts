/** Reasons of Dhan's disconnect packets, in the words of the documents (dhanhq.co/docs/v2/annexure). */
export interface DhanReason {
  readonly cause: 'network' | 'limit' | 'auth';
  /** For a person. */
  readonly detail: string;
}

export const DHAN_REASONS: Readonly<Record<number, DhanReason>> = {
  800: { cause: 'network', detail: 'Dhan: internal server error' },
  804: { cause: 'limit', detail: 'Dhan: more instruments than a connection may have' },
  805: { cause: 'limit', detail: 'Dhan: too many connections or requests' },
  806: { cause: 'auth', detail: 'Dhan: the account has no data API subscription' },
  807: { cause: 'auth', detail: 'Dhan: the access token has expired' },
  808: { cause: 'auth', detail: 'Dhan: authentication failed' },
  809: { cause: 'auth', detail: 'Dhan: the access token is invalid' },
  810: { cause: 'auth', detail: 'Dhan: the client id is invalid' },
};

/** Of a token that has ended before its time: Dhan keeps one token of an account alive. */
const TOKEN_REASONS: ReadonlySet<number> = new Set([807, 808, 809]);

/**
 * What a reason means for a token that ends at `expiresMs`; null for a reason that no document has.
 *
 * @param nowMs ms since the epoch
 */
export function dhanReason(code: number, expiresMs: number | null, nowMs: number): DhanReason | null {
  const reason = DHAN_REASONS[code];
  if (!reason || !TOKEN_REASONS.has(code) || expiresMs === null || expiresMs <= nowMs) return reason ?? null;
  const detail = `${reason.detail}, before its time: another login to the account has taken its place. Log in to Dhan again`;
  return { cause: reason.cause, detail };
}
