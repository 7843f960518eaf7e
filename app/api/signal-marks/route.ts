import { change, json, nothing, route } from '../../../lib/services/route.ts';
import { MarkAsked, MarksQuery, mark, signalMarks } from '../../../lib/services/signal-marks.ts';

export const GET = route({ role: 'viewer', query: MarksQuery }, async ({ caller, query }) =>
  json(await signalMarks(caller, query)),
);

export const POST = change({ role: 'viewer', body: MarkAsked }, async ({ caller, body }) => {
  await mark(caller, body);
  return nothing();
});
