/** Backtests: asking for one, what became of each, stopping, deleting. Their work is workers/jobs/backtests.ts. */
import path from 'node:path';
import type { z } from 'zod';
import { backtestSignalsForRules, loadRules, outcomeMedians } from '../../db/alerts.ts';
import {
  addBacktest,
  type BacktestRow,
  backtestDays,
  cancelBacktest,
  findBacktest,
  listBacktests as listRows,
  removeBacktest,
} from '../../db/backtests.ts';
import { outcomeGroups } from '../../db/outcomes.ts';
import type {
  BacktestAsked,
  BacktestBegun,
  BacktestId,
  BacktestQuery,
  BacktestResult,
  BacktestsAnswer,
  BacktestTold,
} from '../api/backtests.ts';
import type { Frozen } from '../api/parts.ts';
import { BACKTEST_DAYS_MAX } from '../core/backtests.ts';
import { addDays, istMidnightUs } from '../core/ist.ts';
import { askForBacktests } from '../queue/jobs.ts';
import { DETECTOR_OPTIONS, type DetectorName, type DetectorOverrides } from '../signals/detector-options.ts';
import { isAbout } from '../signals/rules.ts';
import type { Caller } from './access.ts';
import { knownInstruments } from './asked-flow.ts';
import { audit } from './audit.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { summariesOf } from './instruments.ts';
import { type FoundReplay, findReplay } from './replay-source.ts';
import { reportOf } from './signal-report.ts';
import { inIst } from './times.ts';
import { OCCASIONS_MAX, wouldTell } from './would-tell.ts';

const DAY_US = 86_400_000_000;
/** So many may wait or run at a time. */
const UNENDED_MAX = 5;
const LIST_MAX = 50;

export async function listBacktests(caller: Caller): Promise<Frozen<z.output<typeof BacktestsAnswer>>> {
  return { backtests: await toldOf(caller, await listRows(services().db, LIST_MAX)) };
}

/** One with its days and, as far as it has come, what its signals were worth. @throws RequestError 404 */
export async function backtest(caller: Caller, { id }: z.output<typeof BacktestQuery>): Promise<BacktestResult> {
  const { db } = services();
  const row = await mustExist(id);
  const [backtest] = await toldOf(caller, [row]);
  // Each look at one that is under way would go through all that it has found so far.
  const isTold = row.state === 'done';
  const [days, groups, signals, rules] = await Promise.all([
    backtestDays(db, id),
    outcomeGroups(db, 'all', {
      fromUs: row.fromUs,
      toUs: row.toUs,
      instrumentIds: null,
      kinds: null,
      detectors: 'all',
      backtestId: id,
    }),
    isTold ? backtestSignalsForRules(db, id, OCCASIONS_MAX + 1) : [],
    isTold ? loadRules(db) : [],
  ]);
  const recorded = days.flatMap(({ day, source }) => (source === null ? [] : day));
  const told = rules
    .filter(({ watch }) => watch.by === 'signals')
    .map((rule) => {
      const { toldIds, ...would } = wouldTell(
        rule,
        signals.filter((signal) => isAbout(rule, signal)),
        recorded,
      );
      return { rule, toldIds, would };
    });
  return {
    backtest: backtest as BacktestTold,
    days: days.map(({ day, source, entries, signals, hash, liveHash, liveSignals }) => ({
      date: day,
      source,
      entries,
      signals,
      hash,
      live: liveHash === null ? null : { signals: liveSignals, hash: liveHash },
    })),
    rules: isTold
      ? await Promise.all(
          told.map(async ({ rule: { id: ruleId, name, isOn }, toldIds, would }) => ({
            id: ruleId,
            name,
            isOn,
            ...would,
            isCut: signals.length > OCCASIONS_MAX,
            outcomes: await outcomeMedians(db, toldIds, id),
          })),
        )
      : null,
    ...(await reportOf(
      caller,
      groups.map((group) => ({ by: 'all' as const, ...group })),
    )),
  };
}

/** Begins a backtest. @throws RequestError 404, 422, 429 */
export async function createBacktest(
  caller: Caller,
  asked: z.output<typeof BacktestAsked>,
): Promise<z.output<typeof BacktestBegun>> {
  const { config, db, log, nowMs } = services();
  const { fromUs, toUs } = spanOf(asked, nowMs() * 1000);
  const detectors = asked.detectors ? [...new Set(asked.detectors)] : null;
  const overrides = differing(asked.options);
  const stranger = Object.keys(overrides).find((name) => detectors && !detectors.includes(name as DetectorName));
  if (stranger !== undefined) {
    throw new RequestError(422, 'Not asked for', `\`options\` names ${stranger}, and \`detectors\` does not.`);
  }
  const instruments = asked.instruments
    ? await knownInstruments(caller, [...new Set(slugsOf(asked.instruments))])
    : null;
  const ids = instruments?.map(({ id }) => id) ?? null;
  const interval = { fromUs, toUs, instrumentIds: ids && new Set(ids) };
  const found = await findReplay({ db, journalDir: path.join(config.dataDir, 'journal') }, interval, 'auto');
  if (!found || !(await hasEntries(found, fromUs))) {
    throw new RequestError(
      422,
      'Nothing recorded',
      `Nothing was recorded${instruments ? ` of ${instruments.map(({ slug }) => slug).join(', ')}` : ''} from ${asked.from} to ${asked.to}.`,
    );
  }
  const id = await addBacktest(
    db,
    { who: caller.name, name: asked.name, fromUs, toUs, instrumentIds: ids, detectors, overrides },
    UNENDED_MAX,
  );
  if (id === null) {
    throw new RequestError(
      429,
      'Too many backtests',
      `${UNENDED_MAX} backtests wait or run already. Cancel one, or wait until one has ended.`,
    );
  }
  await audit(caller, 'backtest_asked', `${id}: ${asked.from} to ${asked.to}`);
  // It is in the database: where the queue cannot be reached now, the jobs worker asks for it within a minute.
  await askForBacktests(config.redisUrl, [id]).catch((error: Error) =>
    log.warn({ event: 'backtest_not_queued', id, reason: error.message }),
  );
  return { id };
}

/** @throws RequestError 404, 409 */
export async function stopBacktest(caller: Caller, { id }: z.output<typeof BacktestId>): Promise<void> {
  if (await cancelBacktest(services().db, id)) {
    await audit(caller, 'backtest_cancelled', String(id));
    return;
  }
  await mustExist(id);
  throw new RequestError(409, 'Has ended', 'This backtest has ended already.');
}

/** Deletes an ended backtest with everything it found. @throws RequestError 404, 409 */
export async function deleteBacktest(caller: Caller, { id }: z.output<typeof BacktestId>): Promise<void> {
  if (await removeBacktest(services().db, id)) {
    await audit(caller, 'backtest_deleted', String(id));
    return;
  }
  await mustExist(id);
  throw new RequestError(409, 'In use', 'This backtest has not ended. Cancel it first.');
}

async function mustExist(id: number): Promise<BacktestRow> {
  const row = await findBacktest(services().db, id);
  if (!row) throw new RequestError(404, 'Unknown backtest', `There is no backtest ${id}; it may have been deleted.`);
  return row;
}

/** The days asked for; of today what is over of it. @throws RequestError 422 */
function spanOf({ from, to }: z.output<typeof BacktestAsked>, nowUs: number): { fromUs: number; toUs: number } {
  const fromUs = istMidnightUs(from);
  const endUs = istMidnightUs(addDays(to, 1));
  if (to < from) throw new RequestError(422, 'Empty interval', '`to` must not be earlier than `from`.');
  if (istMidnightUs(to) > nowUs) throw new RequestError(422, 'In the future', `\`to\` lies in the future: ${to}.`);
  if (endUs - fromUs > BACKTEST_DAYS_MAX * DAY_US) {
    throw new RequestError(422, 'Too long', `A backtest reaches over ${BACKTEST_DAYS_MAX} days at most.`);
  }
  return { fromUs, toUs: Math.min(endUs, Math.floor(nowUs)) };
}

/** A journal is found also where it goes on over an interval without anything. */
async function hasEntries({ source, open }: FoundReplay, fromUs: number): Promise<boolean> {
  if (source === 'database') return true;
  for await (const entries of open(fromUs)) if (entries.some(({ stampUs }) => stampUs >= fromUs)) return true;
  return false;
}

const slugsOf = (instruments: readonly string[]): string[] => instruments.map((slug) => slug.trim().toUpperCase());

/** What of it differs from the detectors' own parameters: the rest is no difference that anybody asked for. */
function differing(overrides: DetectorOverrides): DetectorOverrides {
  const detectors = Object.entries(overrides).flatMap(([name, options]) => {
    const defaults = DETECTOR_OPTIONS[name as DetectorName].defaults as Readonly<Record<string, number>>;
    const others = Object.entries(options ?? {}).filter(([key, value]) => value !== defaults[key]);
    return others.length === 0 ? [] : [[name, Object.fromEntries(others)] as const];
  });
  return Object.fromEntries(detectors);
}

async function toldOf(caller: Caller, rows: readonly BacktestRow[]): Promise<BacktestTold[]> {
  const ids = [...new Set(rows.flatMap(({ instrumentIds }) => instrumentIds ?? []))];
  const slugs = new Map((await summariesOf(caller, ids)).map(({ id, slug }) => [id, slug]));
  return rows.map((row) => ({
    id: row.id,
    who: row.who,
    name: row.name,
    from: inIst(row.fromUs),
    to: inIst(row.toUs),
    instruments: row.instrumentIds?.map((id) => slugs.get(id) ?? String(id)) ?? null,
    detectors: row.detectors,
    options: row.overrides as BacktestTold['options'],
    state: row.state,
    progress: row.progress,
    hash: row.hash,
    error: row.error,
    days: row.days,
    entries: row.entries,
    signals: row.signals,
    created: inIst(row.createdMs * 1000),
    finished: row.finishedMs === null ? null : inIst(row.finishedMs * 1000),
  }));
}
