/** A provider of OpenID Connect as small as it can be: one key, one client, and the person that a test says. */
import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export const CLIENT = { id: 'gehra', secret: 'canary-client-secret' } as const;

interface Login {
  readonly nonce: string;
  readonly challenge: string;
  readonly redirectUri: string;
}

export class OidcProvider {
  /** Claims of whoever logs in. */
  claims: Record<string, unknown> = {};
  /** How the tokens are spoilt. */
  spoilt: 'not' | 'nonce' | 'audience' | 'signature' | 'expired' = 'not';
  /** How often a code was exchanged for tokens. */
  exchanges = 0;
  private readonly keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  private readonly logins = new Map<string, Login>();
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      this.answer(request)
        .then(({ status = 200, location, body }) => {
          response.writeHead(status, { 'content-type': 'application/json', ...(location ? { location } : {}) });
          response.end(JSON.stringify(body ?? {}));
        })
        .catch((error: Error) => response.writeHead(500).end(error.message));
    });
  }

  static async start(): Promise<OidcProvider> {
    const provider = new OidcProvider();
    await new Promise<void>((resolve) => provider.server.listen(0, '127.0.0.1', resolve));
    return provider;
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage): Promise<{ status?: number; location?: string; body?: object }> {
    const url = new URL(request.url ?? '/', this.issuer);
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return {
          body: {
            issuer: this.issuer,
            authorization_endpoint: `${this.issuer}/authorize`,
            token_endpoint: `${this.issuer}/token`,
            jwks_uri: `${this.issuer}/keys`,
            response_types_supported: ['code'],
            subject_types_supported: ['public'],
            id_token_signing_alg_values_supported: ['RS256'],
          },
        };
      case '/keys':
        return {
          body: { keys: [{ ...this.keys.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }] },
        };
      case '/authorize':
        return { status: 302, location: this.login(url.searchParams) };
      case '/token':
        return this.exchange(request);
      default:
        return { status: 404 };
    }
  }

  /** Logs in at once, as somebody with a session there. */
  private login(asked: URLSearchParams): string {
    const value = (name: string): string => {
      const found = asked.get(name);
      if (!found) throw new Error(`${name} is missing`);
      return found;
    };
    if (value('client_id') !== CLIENT.id || value('code_challenge_method') !== 'S256')
      throw new Error('another client');
    const code = randomBytes(16).toString('hex');
    const redirectUri = value('redirect_uri');
    this.logins.set(code, { nonce: value('nonce'), challenge: value('code_challenge'), redirectUri });
    return `${redirectUri}?${new URLSearchParams({ code, state: value('state') })}`;
  }

  private async exchange(request: IncomingMessage): Promise<{ status?: number; body: object }> {
    this.exchanges += 1;
    let text = '';
    for await (const chunk of request) text += chunk;
    const given = new URLSearchParams(text);
    const login = this.logins.get(given.get('code') ?? '');
    this.logins.delete(given.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(given.get('code_verifier') ?? '')
      .digest('base64url');
    const basic = `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')}`;
    if (
      request.headers.authorization !== basic ||
      !login ||
      login.challenge !== challenge ||
      login.redirectUri !== given.get('redirect_uri')
    ) {
      return { status: 400, body: { error: 'invalid_grant' } };
    }
    return {
      body: { access_token: randomBytes(16).toString('hex'), token_type: 'Bearer', id_token: this.idToken(login) },
    };
  }

  private idToken({ nonce }: Login): string {
    const nowS = Math.floor(Date.now() / 1000);
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = {
      iss: this.issuer,
      aud: this.spoilt === 'audience' ? 'somebody else' : CLIENT.id,
      iat: nowS,
      exp: this.spoilt === 'expired' ? nowS - 3600 : nowS + 300,
      nonce: this.spoilt === 'nonce' ? 'another' : nonce,
      ...this.claims,
    };
    const signed = `${part({ alg: 'RS256', typ: 'JWT', kid: 'one' })}.${part(claims)}`;
    const signature = createSign('RSA-SHA256').update(signed).sign(this.keys.privateKey);
    if (this.spoilt === 'signature') signature.writeUInt8(signature.readUInt8(0) ^ 1, 0);
    return `${signed}.${signature.toString('base64url')}`;
  }
}
