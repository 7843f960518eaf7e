/**
 * The brokers' logins: what stands between a person at the broker's page and a token. Time is the exchange's own.
 * Sources: kite.trade/docs/connect/v3/user, dhanhq.co/docs/v2/authentication.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { formatIstDate } from '../lib/core/ist.ts';
import type { Settings } from './settings.ts';
import { DEMO, dhanToken, type TokenStore } from './tokens.ts';

/** What a redirect brings is good for "a few minutes". */
const REQUEST_MS = 5 * 60_000;
const DHAN_TOKEN_MS = 24 * 3_600_000;
/** Consents a key may begin in a day. */
const CONSENTS_MAX = 25;

export interface LoginContext {
  readonly tokens: TokenStore;
  readonly settings: Settings;
  readonly redirects: { readonly kite: string; readonly dhan: string };
  /** Disconnects whoever is connected with these tokens, which have ended. */
  cutDhan(tokens: readonly string[]): void;
}

interface KiteRequest {
  readonly userId: string;
  readonly untilMs: number;
}

interface Consent {
  readonly clientId: string;
  readonly untilMs: number;
}

export interface DhanGrant {
  readonly clientId: string;
  readonly accessToken: string;
  readonly expiresMs: number;
}

/** Kite's tokens: 32 letters and digits. */
const kiteText = (): string => randomBytes(48).toString('base64').replace(/[+/=]/g, '').slice(0, 32).padEnd(32, '0');

export class Logins {
  private readonly kiteRequests = new Map<string, KiteRequest>();
  private readonly consents = new Map<string, Consent>();
  private readonly tokenIds = new Map<string, Consent>();
  private consentDay = { date: '', count: 0 };

  constructor(private readonly context: LoginContext) {}

  get redirects(): LoginContext['redirects'] {
    return this.context.redirects;
  }

  /** The person has logged in to Kite. @returns the request token that the redirect carries */
  kiteAllowed(): string {
    const requestToken = kiteText();
    this.kiteRequests.set(requestToken, {
      userId: this.context.settings.kiteUserId,
      untilMs: this.context.tokens.nowMs() + REQUEST_MS,
    });
    return requestToken;
  }

  /** @returns token and user, or what Kite says is wrong */
  exchangeKite(
    apiKey: string,
    requestToken: string,
    checksum: string,
  ): { accessToken: string; userId: string } | 'api_key' | 'checksum' | 'token' {
    const { tokens, settings } = this.context;
    if (apiKey !== DEMO.kite.apiKey) return 'api_key';
    const request = this.kiteRequests.get(requestToken);
    if (!request || request.untilMs <= tokens.nowMs()) return 'token';
    const expected = createHash('sha256').update(`${apiKey}${requestToken}${DEMO.kite.apiSecret}`).digest('hex');
    if (checksum !== expected) return 'checksum';
    this.kiteRequests.delete(requestToken);
    const [last] = tokens.liveKite(apiKey, true);
    if (settings.kiteSecondLogin === 'same' && last?.userId === request.userId) {
      return { accessToken: last.accessToken, userId: last.userId };
    }
    if (settings.kiteSecondLogin === 'new') this.endKite(apiKey);
    const accessToken = kiteText();
    tokens.addKite(apiKey, accessToken, request.userId);
    return { accessToken, userId: request.userId };
  }

  /** Ends every token of an api key: another login, or a logout everywhere. */
  endKite(apiKey: string): void {
    const { tokens } = this.context;
    for (const { accessToken } of tokens.liveKite(apiKey)) tokens.expireKite(apiKey, accessToken);
  }

  /** @returns the id of a new consent; null where the key has used up its day */
  generateConsent(clientId: string): string | null {
    const { tokens } = this.context;
    const date = formatIstDate(tokens.nowMs() * 1000);
    if (this.consentDay.date !== date) this.consentDay = { date, count: 0 };
    this.consentDay.count += 1;
    if (this.consentDay.count > CONSENTS_MAX) return null;
    const id = randomUUID();
    this.consents.set(id, { clientId, untilMs: tokens.nowMs() + REQUEST_MS });
    return id;
  }

  knowsConsent(id: string): boolean {
    const consent = this.consents.get(id);
    return consent !== undefined && consent.untilMs > this.context.tokens.nowMs();
  }

  /** The person has given the consent. @returns the token id that the redirect carries; null for an unknown consent */
  dhanAllowed(id: string): string | null {
    const consent = this.consents.get(id);
    if (!consent || !this.knowsConsent(id)) return null;
    this.consents.delete(id);
    const tokenId = randomUUID();
    const clientId = this.context.settings.dhanLoginClientId || consent.clientId;
    this.tokenIds.set(tokenId, { clientId, untilMs: this.context.tokens.nowMs() + REQUEST_MS });
    return tokenId;
  }

  /** @returns null for a token id that is unknown, used or too old */
  consumeConsent(tokenId: string): DhanGrant | null {
    const granted = this.tokenIds.get(tokenId);
    this.tokenIds.delete(tokenId);
    if (!granted || granted.untilMs <= this.context.tokens.nowMs()) return null;
    return this.grantDhan(granted.clientId);
  }

  /** A new token, which ends every other of the client. */
  grantDhan(clientId: string): DhanGrant {
    const { tokens, settings, cutDhan } = this.context;
    const nowMs = tokens.nowMs();
    const iat = Math.floor(nowMs / 1000);
    const expiresMs = (iat + DHAN_TOKEN_MS / 1000) * 1000;
    const ended = tokens.replaceDhan(clientId);
    const signature = randomBytes(16).toString('base64url');
    const accessToken = `${dhanToken(clientId, settings.dhanLoginType, iat, expiresMs / 1000)}${signature}`;
    tokens.acceptDhan(clientId, accessToken, expiresMs);
    cutDhan(ended);
    return { clientId, accessToken, expiresMs };
  }
}
