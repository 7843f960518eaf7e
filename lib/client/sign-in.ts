/** Signing in and out as next-auth wants it: with a token that only a page of this server was given. */
import { ask, send } from './api.ts';

/** Title of the problem that a code of the second factor solves. */
const CODE_NEEDED = 'Code needed';

export interface Credentials {
  readonly name: string;
  readonly password: string;
  readonly code?: string;
}

/** @returns where to go. @throws ServerProblem */
export const signIn = (credentials: Credentials, next: string): Promise<string> =>
  post('callback/credentials', { ...credentials, callbackUrl: next });

/** @returns the address of the provider. @throws ServerProblem */
export const signInWithProvider = (next: string): Promise<string> => post('signin/oidc', { callbackUrl: next });

/** @returns where to go. @throws ServerProblem */
export const signOut = (): Promise<string> => post('signout', { callbackUrl: '/login' });

export const needsCode = ({ title }: { readonly title: string | null }): boolean => title === CODE_NEEDED;

async function post(action: string, body: object): Promise<string> {
  const { csrfToken } = await ask<{ csrfToken: string }>('/api/auth/csrf');
  const { url } = await send<{ url: string }>('POST', `/api/auth/${action}`, { ...body, csrfToken, json: 'true' });
  return url;
}
