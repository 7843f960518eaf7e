/**
 * The first gate (Next.js calls it so): who shows nothing that could make them somebody is sent to sign in before a page is
 * made. It decides nothing: each page and each route finds out for itself who asks (lib/services/access.ts).
 */
import type { NextRequest } from 'next/server';
import { mayBeSomebody } from './lib/services/access.ts';
import { RequestError } from './lib/services/errors.ts';
import { loginPath } from './lib/services/login-path.ts';
import { ownOrigin } from './lib/services/request-facts.ts';
import { problemResponse } from './lib/services/route.ts';

/** What everybody may ask for; the ways to and from the brokers lead to the sign-in by themselves. */
const OPEN =
  /^\/(login|setup|icon\.svg|robots\.txt|api\/auth\/.*|api\/setup|api\/health\/live|api\/(kite|dhan)\/(login|callback))$/;

export const config = { matcher: ['/((?!_next/static/).*)'] };

export function proxy({ headers, nextUrl: { pathname, search } }: NextRequest): Response | undefined {
  if (OPEN.test(pathname) || mayBeSomebody(headers)) return undefined;
  if (pathname.startsWith('/api/')) return problemResponse(new RequestError(401, 'Signed out', 'Sign in first.'));
  return new Response(null, {
    status: 302,
    // Next.js makes a path of it again.
    headers: { location: `${ownOrigin(headers)}${loginPath(`${pathname}${search}`)}`, 'cache-control': 'no-store' },
  });
}
