/** Who may connect. The login flows of both brokers, when they come, put their tokens in here. */

/** Credentials of the demonstration: fixed, so that a configuration can hold them, and worthless anywhere else. */
export const DEMO = {
  kite: { apiKey: 'demo', accessToken: 'demo' },
  dhan: { clientId: '1000000001' },
} as const;

export type DhanTokenType = 'SELF' | 'APP';

/** Claims as Dhan's own tokens carry them. */
export interface DhanClaims {
  readonly iss: 'dhan';
  readonly partnerId: string;
  /** Seconds since the epoch. */
  readonly exp: number;
  readonly iat: number;
  readonly tokenConsumerType: DhanTokenType;
  readonly webhookUrl: string;
  readonly dhanClientId: string;
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token that looks like Dhan's and can be decoded like one; nobody's key signed it. */
export function dhanToken(clientId: string, type: DhanTokenType, iat: number, exp: number): string {
  const claims: DhanClaims = {
    iss: 'dhan',
    partnerId: '',
    exp,
    iat,
    tokenConsumerType: type,
    webhookUrl: '',
    dhanClientId: clientId,
  };
  return `${base64url({ typ: 'JWT', alg: 'HS512' })}.${base64url(claims)}.${Buffer.from('simulated').toString('base64url')}`;
}

/** Valid from 2026 until 2100, so that no demonstration ever ends for its age. */
export const DEMO_DHAN_TOKEN = dhanToken(DEMO.dhan.clientId, 'SELF', 1_767_205_800, 4_102_425_000);

/** The type a token claims; null where it cannot be decoded. */
export function dhanTokenType(token: string): DhanTokenType | null {
  const part = token.split('.')[1];
  if (part === undefined) return null;
  try {
    const claims = JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Partial<DhanClaims>;
    return claims.tokenConsumerType === 'SELF' || claims.tokenConsumerType === 'APP' ? claims.tokenConsumerType : null;
  } catch {
    // Not JSON: some other string was put in the token's place.
    return null;
  }
}

type State = 'valid' | 'expired';

/** Tokens that were ever accepted, and whether they still are. */
export class TokenStore {
  private readonly kite = new Map<string, State>([[kiteKey(DEMO.kite.apiKey, DEMO.kite.accessToken), 'valid']]);
  private readonly dhan = new Map<string, { readonly clientId: string; readonly state: State }>([
    [DEMO_DHAN_TOKEN, { clientId: DEMO.dhan.clientId, state: 'valid' }],
  ]);

  acceptsKite(apiKey: string, accessToken: string): boolean {
    return this.kite.get(kiteKey(apiKey, accessToken)) === 'valid';
  }

  /** Null where the pair is accepted; else what Dhan calls the matter (a reason of its disconnect packets). */
  refuseDhan(clientId: string, token: string): 'expired' | 'token_invalid' | 'client_invalid' | null {
    const known = this.dhan.get(token);
    if (!known) return 'token_invalid';
    if (known.clientId !== clientId) return 'client_invalid';
    return known.state === 'valid' ? null : 'expired';
  }

  /** Client of a token that is accepted; null where it is not. */
  dhanClientOf(token: string): string | null {
    const known = this.dhan.get(token);
    return known?.state === 'valid' ? known.clientId : null;
  }

  acceptKite(apiKey: string, accessToken: string): void {
    this.kite.set(kiteKey(apiKey, accessToken), 'valid');
  }

  /** False where the token was never known. */
  expireKite(apiKey: string, accessToken: string): boolean {
    const key = kiteKey(apiKey, accessToken);
    if (!this.kite.has(key)) return false;
    this.kite.set(key, 'expired');
    return true;
  }

  acceptDhan(clientId: string, token: string): void {
    this.dhan.set(token, { clientId, state: 'valid' });
  }

  /** False where the token was never known. */
  expireDhan(token: string): boolean {
    const known = this.dhan.get(token);
    if (!known) return false;
    this.dhan.set(token, { clientId: known.clientId, state: 'expired' });
    return true;
  }
}

const kiteKey = (apiKey: string, accessToken: string): string => `${apiKey}:${accessToken}`;
