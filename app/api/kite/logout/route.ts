import { disconnectBroker } from '../../../../lib/services/broker-account.ts';
import { change } from '../../../../lib/services/route.ts';

export const DELETE = change({ role: 'owner' }, async ({ caller }) =>
  Response.json(await disconnectBroker(caller, 'kite')),
);
