import { enterPassword, PasswordEntry } from '../../../../lib/services/account.ts';
import { change, nothing } from '../../../../lib/services/route.ts';

/** Enters the password again, for what asks for it. */
export const POST = change({ role: 'viewer', body: PasswordEntry }, async ({ caller, body }) => {
  await enterPassword(caller, body);
  return nothing();
});
