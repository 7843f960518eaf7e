import { change, nothing } from '../../../../lib/services/route.ts';
import { endSnooze, SnoozeAsked, SnoozeEnded, snooze } from '../../../../lib/services/signal-marks.ts';

export const POST = change({ role: 'viewer', body: SnoozeAsked }, async ({ caller, body }) => {
  await snooze(caller, body);
  return nothing();
});

export const DELETE = change({ role: 'viewer', body: SnoozeEnded }, async ({ caller, body }) => {
  await endSnooze(caller, body);
  return nothing();
});
