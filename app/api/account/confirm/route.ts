import { enterPassword, PasswordEntry } from '../../../../lib/services/account.ts';
import { addressOf } from '../../../../lib/services/request-facts.ts';
import { change, nothing } from '../../../../lib/services/route.ts';

/** Enters the password again, for what asks for it. */
export const POST = change({ role: 'viewer', body: PasswordEntry }, async ({ caller, body, request }) => {
  await enterPassword(caller, body, addressOf(request.headers));
  return nothing();
});
