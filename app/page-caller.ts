import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { type Caller, callerOf } from '../lib/services/access.ts';

/** Who asks for a page. Somebody unknown is sent to sign in. */
export async function pageCaller(): Promise<Caller> {
  const caller = await callerOf(await headers());
  if (!caller) redirect('/login');
  return caller;
}
