import { renewDhan } from '../../../../lib/services/broker-account.ts';
import { change } from '../../../../lib/services/route.ts';

export const POST = change({ role: 'owner' }, async ({ caller }) => Response.json(await renewDhan(caller)));
