import {
  ChannelBody,
  ChannelChoice,
  channelsOf,
  dropChannel,
  saveChannel,
} from '../../../../lib/services/notifications.ts';
import { change, route } from '../../../../lib/services/route.ts';

const noStore = { headers: { 'cache-control': 'no-store' } };

export const GET = route({ role: 'viewer' }, async ({ caller }) =>
  Response.json({ channels: await channelsOf(caller) }, noStore),
);

export const PUT = change({ role: 'owner', body: ChannelBody }, async ({ caller, body }) => {
  await saveChannel(caller, body);
  return Response.json({ channels: await channelsOf(caller) }, noStore);
});

export const DELETE = change({ role: 'owner', query: ChannelChoice }, async ({ caller, query }) => {
  await dropChannel(caller, query.channel);
  return Response.json({ channels: await channelsOf(caller) }, noStore);
});
