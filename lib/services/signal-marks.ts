/** What somebody says of signals: seen, acknowledged, and what is not to be shown to them for a while. */
import { z } from 'zod';
import {
  type MarkedSignal,
  markSignals,
  marksSince,
  removeSnooze,
  type Snooze,
  snoozesOf,
  storeSnooze,
} from '../../db/signal-marks.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';

const IDS_MAX = 200;
const MARKS_MAX = 5000;
/** What was written just before an answer may be committed just after it: it is given twice rather than never. */
const OVERLAP_MS = 10_000;
const MINUTES_MAX = 24 * 60;

const id = z.string().min(1).max(250);

export const MarksQuery = z.strictObject({
  /** ms since the epoch: `asOf` of the answer before; default: no marks, only the snoozes. */
  since: z.coerce.number().int().min(0).optional(),
});
export const MarkAsked = z.strictObject({
  ids: z.array(id).min(1).max(IDS_MAX),
  mark: z.enum(['seen', 'acknowledged']),
});
const Snoozed = {
  what: z.enum(['detector', 'instrument']),
  name: z.string().min(1).max(100),
};
export const SnoozeAsked = z.strictObject({ ...Snoozed, minutes: z.number().int().min(1).max(MINUTES_MAX) });
export const SnoozeEnded = z.strictObject(Snoozed);

export interface SignalMarks {
  /** ms since the epoch, for the next question. */
  readonly asOf: number;
  /** What was said since; the newest where there is more than an answer holds. */
  readonly marks: readonly MarkedSignal[];
  readonly snoozes: readonly Snooze[];
}

/** Under which name somebody's marks are kept. All who use the open demo are one. */
export const readerOf = ({ personId, keyId }: Caller): string =>
  personId !== null ? `person ${personId}` : keyId !== null ? `key ${keyId}` : 'demo';

export async function signalMarks(caller: Caller, { since }: z.output<typeof MarksQuery>): Promise<SignalMarks> {
  const { db, nowMs } = services();
  const asOf = nowMs();
  const reader = readerOf(caller);
  const marks = since === undefined ? [] : await marksSince(db, reader, since - OVERLAP_MS, MARKS_MAX);
  return { asOf, marks, snoozes: await snoozesOf(db, reader, asOf) };
}

export async function mark(caller: Caller, { ids, mark: as }: z.output<typeof MarkAsked>): Promise<void> {
  await markSignals(services().db, readerOf(caller), ids, as);
}

export async function snooze(caller: Caller, { what, name, minutes }: z.output<typeof SnoozeAsked>): Promise<void> {
  const { db, nowMs } = services();
  await storeSnooze(db, readerOf(caller), { what, name, untilMs: nowMs() + minutes * 60_000 });
}

export async function endSnooze(caller: Caller, { what, name }: z.output<typeof SnoozeEnded>): Promise<void> {
  await removeSnooze(services().db, readerOf(caller), what, name);
}
