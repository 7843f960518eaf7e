import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { type Caller, callerOf } from '../lib/services/access.ts';
import { loginPath } from '../lib/services/login-path.ts';
import { askedPath } from '../lib/services/request-facts.ts';

/** Who asks for a page. Somebody unknown is sent to sign in, and comes back. */
export async function pageCaller(): Promise<Caller> {
  const asked = await headers();
  const caller = await callerOf(asked);
  if (!caller) redirect(loginPath(askedPath(asked)));
  return caller;
}
