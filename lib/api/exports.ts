/** What is asked and answered of exports. */
import { z } from 'zod';
import { EXPORT_FORMATS, EXPORT_KIND_NAMES, EXPORT_STATES } from '../core/exports.ts';
import { FEEDS } from '../core/feeds.ts';
import { instant } from './instant.ts';
import { ALL_INTERVALS } from './intervals.ts';
import { interval, whole } from './parts.ts';

/** What is to be exported: the query of an estimate, and the body of the request that begins it. */
export const ExportAsked = z.strictObject({
  instrument: interval.instrument,
  kind: z.enum(EXPORT_KIND_NAMES),
  format: z.enum(EXPORT_FORMATS).meta({ description: '`npy` of hftbacktest, and of nothing else' }),
  interval: z.enum(ALL_INTERVALS).optional().meta({ description: 'Length of the bars; of bars alone' }),
  feed: z
    .enum(FEEDS.map(({ name }) => name) as [string, ...string[]])
    .optional()
    .meta({ description: 'Name of a feed; default: of those that have rows, the best' }),
  from: instant,
  to: interval.to,
});

/** Answer of the request that begins one. */
export const ExportBegun = z.strictObject({ id: z.int() });

export const ExportId = z.strictObject({ id: z.int().min(1) });

export const ExportFileQuery = z.strictObject({
  id: whole(1, Number.MAX_SAFE_INTEGER),
  part: z.enum(['data', 'about']).default('data').meta({ description: 'The rows, or what is said about them' }),
});

const stampUs = z.int().meta({ description: 'µs since the epoch' });
const stampMs = z.number().meta({ description: 'ms since the epoch' });

export const ExportsAnswer = z.strictObject({
  exports: z
    .array(
      z
        .strictObject({
          id: z.int(),
          who: z.string(),
          kind: z.enum(EXPORT_KIND_NAMES),
          format: z.enum(EXPORT_FORMATS),
          instrument: z.string(),
          interval: z.string().nullable(),
          fromUs: stampUs,
          toUs: stampUs,
          state: z.enum(EXPORT_STATES),
          progress: z.number().min(0).max(1).meta({ description: 'Of the interval done, 0 to 1' }),
          rows: z.int(),
          bytes: z.int().meta({ description: 'Of the file, so far' }),
          gaps: z.int().nullable().meta({ description: 'Holes that lie in the interval; null until it is done' }),
          error: z.string().nullable(),
          createdMs: stampMs,
          finishedMs: stampMs.nullable(),
          deletedAtMs: stampMs
            .nullable()
            .meta({ description: 'When the file is deleted; null: never, or there is none' }),
        })
        .meta({ id: 'Export' }),
    )
    .meta({ description: 'The newest first, at most 100' }),
  keepDays: z.number().meta({ description: 'Days after which files are deleted; 0: never' }),
});

export const ExportEstimateAnswer = z.strictObject({
  rows: z.int(),
  bytes: z.int(),
  bytesFree: z.int().meta({ description: 'What the disk has beyond what is kept for the recording' }),
  bytesMax: z.int().meta({ description: 'What one export may take' }),
  refusal: z.string().nullable().meta({ description: 'Why it cannot be begun, in words; null where it can' }),
});
