import {
  beginSecondFactor,
  Code,
  confirmSecondFactor,
  dropSecondFactor,
  FactorCode,
} from '../../../../lib/services/account.ts';
import { change, json, nothing } from '../../../../lib/services/route.ts';

export const POST = change({ role: 'viewer', recentPassword: true }, async ({ caller }) =>
  json(await beginSecondFactor(caller)),
);

export const PUT = change({ role: 'viewer', recentPassword: true, body: Code }, async ({ caller, body }) =>
  json({ recoveryCodes: await confirmSecondFactor(caller, body) }),
);

export const DELETE = change({ role: 'viewer', recentPassword: true, body: FactorCode }, async ({ caller, body }) => {
  await dropSecondFactor(caller, body);
  return nothing();
});
