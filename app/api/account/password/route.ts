import { changePassword, PasswordChange } from '../../../../lib/services/account.ts';
import { change, nothing } from '../../../../lib/services/route.ts';

export const PUT = change({ role: 'viewer', body: PasswordChange }, async ({ caller, body }) => {
  await changePassword(caller, body);
  return nothing();
});
