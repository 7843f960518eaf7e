/** Somebody with a browser, as the route handlers see them: cookies, an origin, an address. Nothing else is in between. */
import { addPerson, type PersonRole } from '../../db/people.ts';
import { hashPassword } from '../../lib/auth/password.ts';
import { services } from '../../lib/services/context.ts';
import { type ApiRoute, answers, apiRoutes, type Method } from './api-routes.ts';

export const ORIGIN = 'http://gehra.test:3000';
export const PASSWORD = 'correct horse battery';

interface Asked {
  readonly body?: unknown;
  readonly headers?: Record<string, string | null>;
}

let routes: Promise<ApiRoute[]> | undefined;

export class Visitor {
  readonly cookies = new Map<string, string>();

  constructor(
    readonly address = '203.0.113.5',
    readonly origin = ORIGIN,
  ) {}

  /** Asks a route as a page of ours would; a header that is null is left out. */
  async ask(method: Method, pathAndQuery: string, { body, headers = {} }: Asked = {}): Promise<Response> {
    const url = new URL(pathAndQuery, this.origin);
    const own: Record<string, string | null> = {
      host: url.host,
      'x-gehra-address': this.address,
      'x-gehra-origin': this.origin,
      cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') || null,
      ...(method === 'GET' ? {} : { origin: this.origin, 'content-type': 'application/json' }),
      ...headers,
    };
    const given = Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== null);
    const request = new Request(url, {
      method,
      headers: given,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    routes ??= apiRoutes();
    const route = (await routes).find((one) => one.method === method && answers(one, url.pathname));
    if (!route) throw new Error(`no route answers ${method} ${url.pathname}`);
    const response = await route.handler(request, { params: Promise.resolve({}) });
    for (const line of response.headers.getSetCookie()) this.keep(line);
    return response;
  }

  /** The token that a page of ours is given for signing in and out. */
  async csrfToken(): Promise<string> {
    const { csrfToken } = (await (await this.ask('GET', '/api/auth/csrf')).json()) as { csrfToken: string };
    return csrfToken;
  }

  async signIn(name: string, password = PASSWORD, more: Record<string, string> = {}): Promise<Response> {
    const csrfToken = await this.csrfToken();
    return this.ask('POST', '/api/auth/callback/credentials', {
      body: { csrfToken, name, password, json: 'true', ...more },
    });
  }

  async signOut(): Promise<Response> {
    return this.ask('POST', '/api/auth/signout', { body: { csrfToken: await this.csrfToken(), json: 'true' } });
  }

  /** Status of asking who one is. */
  async status(): Promise<number> {
    return (await this.ask('GET', '/api/me')).status;
  }

  /** The same cookies in another browser. */
  copy(): Visitor {
    const copy = new Visitor(this.address, this.origin);
    for (const [name, value] of this.cookies) copy.cookies.set(name, value);
    return copy;
  }

  private keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const at = pair.indexOf('=');
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    if (value === '' || attributes.includes('Max-Age=0')) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

/** A person with the password of all tests. @returns the id */
export async function addTestPerson(name: string, role: PersonRole): Promise<number> {
  const id = await addPerson(services().db, { name, role, passwordHash: await hashPassword(PASSWORD) });
  if (id === null) throw new Error(`there is a ${name} already`);
  return id;
}

/** Somebody who has just signed in. */
export async function signedIn(name: string, address?: string): Promise<Visitor> {
  const visitor = new Visitor(address);
  const answer = await visitor.signIn(name);
  if (!answer.ok) throw new Error(`${name} cannot sign in: ${await answer.text()}`);
  return visitor;
}
