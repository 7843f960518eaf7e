import { testFeed } from '../../../../lib/services/broker-test.ts';
import { change } from '../../../../lib/services/route.ts';

export const POST = change({ role: 'owner' }, async ({ caller }) => Response.json(await testFeed(caller, 'ticks')));
