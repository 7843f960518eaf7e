import { ChannelChoice, testChannel } from '../../../../../lib/services/notifications.ts';
import { change } from '../../../../../lib/services/route.ts';

export const POST = change({ role: 'owner', body: ChannelChoice }, async ({ caller, body }) => {
  await testChannel(caller, body.channel);
  return Response.json({ sent: true }, { headers: { 'cache-control': 'no-store' } });
});
