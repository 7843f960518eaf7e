import { changePassword, PasswordChange } from '../../../../lib/services/account.ts';
import { addressOf } from '../../../../lib/services/request-facts.ts';
import { change, nothing } from '../../../../lib/services/route.ts';

export const PUT = change({ role: 'viewer', body: PasswordChange }, async ({ caller, body, request }) => {
  await changePassword(caller, body, addressOf(request.headers));
  return nothing();
});
