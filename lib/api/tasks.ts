/**
 * What can be asked of exports, replays, imports, rules and backtests, by method and path: the schemas that their routes parse by, and
 * that the OpenAPI document is made of (openapi.ts). A route below /api/exports, /api/replay, /api/imports, /api/signals/rules or
 * /api/signals/backtests that is missing here fails a test.
 */
import type { z } from 'zod';
import * as backtests from './backtests.ts';
import * as exports from './exports.ts';
import * as imports from './imports.ts';
import * as replays from './replays.ts';
import * as rules from './rules.ts';

export interface Task {
  /** A few words, without a full stop. */
  readonly summary: string;
  readonly description: string;
  /** Who may ask. */
  readonly role: 'viewer' | 'owner';
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Of an answer in JSON; the media type of another one; null where there is nothing to tell. */
  readonly answer: z.ZodType | string | null;
  /** Of an answer that says more than 200 or 204 do. */
  readonly status?: number;
  /** Statuses of what it refuses beside what every request is refused for, with the reasons. */
  readonly refusals: Readonly<Record<number, string>>;
}

const NO_INSTRUMENT = 'There is no such instrument';
const NO_EXPORT = 'There is no such export; it may have been deleted';
const NO_RULE = 'There is no such rule';
const BAD_RULE = 'A metric is watched of one instrument, at a level that it can have';
const NO_BACKTEST = 'There is no such backtest; it may have been deleted';
const NO_REPLAY = 'There is no such replay: it has ended, or is not yours';

export const TASKS = {
  'GET /api/exports': {
    summary: 'Exports',
    description: 'What became of each.',
    role: 'viewer',
    answer: exports.ExportsAnswer,
    refusals: {},
  },
  'POST /api/exports': {
    summary: 'Begin an export',
    description:
      'It is written by a job: ask for it by its id. At most 20 wait or run at a time, each over 31 days at most.',
    role: 'owner',
    body: exports.ExportAsked,
    answer: exports.ExportBegun,
    refusals: {
      404: NO_INSTRUMENT,
      413: 'The file would be too large, or the body is',
      422: 'The interval is empty, too long or in the future, nothing is stored in it, or the kind has no such format',
    },
  },
  'DELETE /api/exports': {
    summary: 'Delete an export that has ended, and its files',
    description: 'One that is being downloaded stays.',
    role: 'owner',
    body: exports.ExportId,
    answer: null,
    refusals: { 404: NO_EXPORT, 409: 'It has not ended, or somebody is downloading it' },
  },
  'POST /api/exports/cancel': {
    summary: 'Cancel an export that waits or runs',
    description: 'It leaves no file behind.',
    role: 'owner',
    body: exports.ExportId,
    answer: null,
    refusals: { 404: NO_EXPORT, 409: 'It has ended already' },
  },
  'GET /api/exports/estimate': {
    summary: 'How large an export would be',
    description: 'About. Why it cannot be begun is an answer like another, in `refusal`.',
    role: 'owner',
    query: exports.ExportAsked,
    answer: exports.ExportEstimateAnswer,
    refusals: { 404: NO_INSTRUMENT },
  },
  'GET /api/exports/file': {
    summary: 'The file of an export',
    description: 'Or a range of it, after RFC 9110: `Range` with one range, `If-Range`; HEAD tells its size.',
    role: 'viewer',
    query: exports.ExportFileQuery,
    answer: 'application/octet-stream',
    refusals: { 404: NO_EXPORT, 409: 'It has no file yet, or has failed', 416: 'The file has no such range' },
  },
  'GET /api/exports/stream': {
    summary: 'The exports as they change',
    description: 'Server-sent events `exports`, each with what `/api/exports` answers.',
    role: 'viewer',
    answer: 'text/event-stream',
    refusals: {},
  },
  'GET /api/replay': {
    summary: "The caller's replays",
    description: 'All of them, or the one asked for.',
    role: 'viewer',
    query: replays.ReplaysQuery,
    answer: replays.ReplaysAnswer,
    refusals: { 404: NO_REPLAY },
  },
  'POST /api/replay': {
    summary: 'Open a replay',
    description:
      'Of at most 24 hours; 4 a caller and 20 a server. One that nobody listens to stands still, and ends after a minute. Its stream is the live one with a clock (docs/STREAM.md).',
    role: 'viewer',
    body: replays.NewReplay,
    answer: replays.ReplayAnswer,
    status: 201,
    refusals: {
      404: `${NO_INSTRUMENT}, or nothing was recorded in the interval`,
      422: 'The interval is empty, too long or in the future',
    },
  },
  'PATCH /api/replay': {
    summary: 'Seek, set the speed, play, pause or step',
    description: 'In this order, where several are given.',
    role: 'viewer',
    body: replays.ChangedReplay,
    answer: replays.ReplayAnswer,
    refusals: { 404: NO_REPLAY, 422: 'The instant lies outside the replay' },
  },
  'DELETE /api/replay': {
    summary: 'End a replay',
    description: 'Its streams end with it.',
    role: 'viewer',
    body: replays.OneReplay,
    answer: null,
    refusals: { 404: NO_REPLAY },
  },
  'GET /api/imports': {
    summary: 'Imported recordings',
    description: 'They are brought in by `./gehra import`, on the machine of the server.',
    role: 'viewer',
    answer: imports.ImportsAnswer,
    refusals: {},
  },
  'GET /api/signals/rules': {
    summary: 'Rules',
    description: 'And quiet hours, how often a digest is told, and where alerts can be told.',
    role: 'viewer',
    answer: rules.RulesAnswer,
    refusals: {},
  },
  'POST /api/signals/rules': {
    summary: 'Make a rule',
    description: 'At most 100. It tells what is found from now on, once it is on.',
    role: 'owner',
    body: rules.NewRule,
    answer: rules.RuleMade,
    status: 201,
    refusals: { 404: NO_INSTRUMENT, 409: 'There are 100 rules already', 422: BAD_RULE },
  },
  'PATCH /api/signals/rules': {
    summary: 'Change a rule, or switch it on or off',
    description: 'The whole rule takes the place of the old one; what it told before stays.',
    role: 'owner',
    body: rules.ChangedRule,
    answer: null,
    refusals: { 404: `${NO_RULE}, or no such instrument`, 422: BAD_RULE },
  },
  'DELETE /api/signals/rules': {
    summary: 'Delete a rule',
    description: 'What it told stays in the list of alerts.',
    role: 'owner',
    body: rules.RuleId,
    answer: null,
    refusals: { 404: NO_RULE },
  },
  'POST /api/signals/rules/preview': {
    summary: 'What a rule would have told',
    description:
      'Of the signals and ticks stored of the last days, with its hours and its cooldown. Nothing is told, and the rule is not kept.',
    role: 'owner',
    body: rules.PreviewAsked,
    answer: rules.PreviewAnswer,
    refusals: { 404: NO_INSTRUMENT, 422: BAD_RULE },
  },
  'POST /api/signals/rules/test': {
    summary: 'Send a test of a rule',
    description: 'An alert that says it is a test goes the way of all others, to the channels of the rule.',
    role: 'owner',
    body: rules.RuleId,
    answer: null,
    refusals: { 404: NO_RULE },
  },
  'PATCH /api/signals/rules/settings': {
    summary: 'Set quiet hours and the digest',
    description: 'Of all rules.',
    role: 'owner',
    body: rules.RuleSettings,
    answer: null,
    refusals: {},
  },
  'GET /api/signals/rules/alerts': {
    summary: 'What rules have told',
    description: 'And how far it got on each channel.',
    role: 'viewer',
    answer: rules.AlertsAnswer,
    refusals: {},
  },
  'GET /api/signals/backtests': {
    summary: 'Backtests',
    description: 'What became of each.',
    role: 'viewer',
    answer: backtests.BacktestsAnswer,
    refusals: {},
  },
  'POST /api/signals/backtests': {
    summary: 'Begin a backtest',
    description:
      'Detectors over whole days that were recorded, each from nothing as they begin each morning; of today what is over of it. It is done by a job: ask for it by its id. At most 5 wait or run at a time, each over 92 days at most.',
    role: 'owner',
    body: backtests.BacktestAsked,
    answer: backtests.BacktestBegun,
    refusals: {
      404: NO_INSTRUMENT,
      422: 'The interval is empty, too long or in the future, nothing was recorded in it, or options are of a detector that was not asked for',
    },
  },
  'DELETE /api/signals/backtests': {
    summary: 'Delete a backtest that has ended, and what it found',
    description: 'One that waits or runs has to be cancelled first.',
    role: 'owner',
    body: backtests.BacktestId,
    answer: null,
    refusals: { 404: NO_BACKTEST, 409: 'It has not ended' },
  },
  'POST /api/signals/backtests/cancel': {
    summary: 'Cancel a backtest that waits or runs',
    description: 'The days that are done stay as they are.',
    role: 'owner',
    body: backtests.BacktestId,
    answer: null,
    refusals: { 404: NO_BACKTEST, 409: 'It has ended already' },
  },
  'GET /api/signals/backtests/result': {
    summary: 'What a backtest found',
    description:
      'Its days with their hashes beside those of what had been found live, and what its signals were worth against random times, by kind.',
    role: 'viewer',
    query: backtests.BacktestQuery,
    answer: backtests.BacktestAnswer,
    refusals: { 404: NO_BACKTEST },
  },
} as const satisfies Record<`${'GET' | 'POST' | 'PATCH' | 'DELETE'} /api/${string}`, Task>;

type Tasks = typeof TASKS;
export type TaskName = keyof Tasks;

type SchemaOf<Name extends TaskName, Part extends 'query' | 'body'> = Tasks[Name] extends {
  readonly [key in Part]: infer Schema extends z.ZodType;
}
  ? Schema
  : z.ZodObject<Record<never, never>>;
/** What a handler gets. */
export type TaskQuery<Name extends TaskName> = z.output<SchemaOf<Name, 'query'>>;
export type TaskBody<Name extends TaskName> = z.output<SchemaOf<Name, 'body'>>;
