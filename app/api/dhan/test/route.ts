import { DhanTestBody, testFeed } from '../../../../lib/services/broker-test.ts';
import { change } from '../../../../lib/services/route.ts';

export const POST = change({ role: 'owner', body: DhanTestBody }, async ({ caller, body }) =>
  Response.json(await testFeed(caller, body.feed)),
);
