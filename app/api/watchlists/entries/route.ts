import { change } from '../../../../lib/services/route.ts';
import {
  addEntries,
  ChangedEntry,
  changeEntry,
  NewEntries,
  OneEntry,
  removeEntry,
} from '../../../../lib/services/watchlists.ts';

export const POST = change({ role: 'owner', body: NewEntries }, async ({ caller, body }) =>
  Response.json(await addEntries(caller, body), { status: 201 }),
);

export const PATCH = change({ role: 'owner', body: ChangedEntry }, async ({ caller, body }) => {
  await changeEntry(caller, body);
  return new Response(null, { status: 204 });
});

export const DELETE = change({ role: 'owner', body: OneEntry }, async ({ caller, body }) => {
  await removeEntry(caller, body);
  return new Response(null, { status: 204 });
});
