import { change } from '../../../../../lib/services/route.ts';
import { EntryOrder, sortEntries } from '../../../../../lib/services/watchlists.ts';

export const PUT = change({ role: 'owner', body: EntryOrder }, async ({ caller, body }) => {
  await sortEntries(caller, body);
  return new Response(null, { status: 204 });
});
