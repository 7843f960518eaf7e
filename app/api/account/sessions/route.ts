import { endOtherSessions } from '../../../../lib/services/account.ts';
import { change, nothing } from '../../../../lib/services/route.ts';

/** Signs out everywhere else. */
export const DELETE = change({ role: 'viewer' }, async ({ caller }) => {
  await endOtherSessions(caller);
  return nothing();
});
