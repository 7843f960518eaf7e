/** What is asked and answered of replays. Their stream is in docs/STREAM.md. */
import { z } from 'zod';
import { SPEED_MAX, SPEED_MIN } from '../core/replay-clock.ts';
import { instant } from './instant.ts';
import { Instrument } from './instruments.ts';
import { time } from './parts.ts';

const INSTRUMENTS_MAX = 10;

export const REPLAY_SOURCES = ['auto', 'journal', 'database'] as const;

const replayId = z.string().regex(/^[0-9a-f]{24}$/, 'the id of a replay');
const speed = z.number().min(SPEED_MIN).max(SPEED_MAX).meta({ description: 'Market seconds in a second' });

export const NewReplay = z.strictObject({
  instruments: z
    .array(
      z
        .int()
        .min(1)
        .max(2 ** 31 - 1),
    )
    .min(1)
    .max(INSTRUMENTS_MAX)
    .meta({ description: 'Ids, as /api/instruments gives them' })
    .transform((ids) => [...new Set(ids)]),
  from: instant,
  to: instant.optional().meta({ description: 'Exclusive; default: an hour after `from`, and not later than now' }),
  speed: speed.default(1),
  playing: z.boolean().default(true),
  source: z.enum(REPLAY_SOURCES).default('auto').meta({ description: 'Where it is read from' }),
});

export const ChangedReplay = z
  .strictObject({
    id: replayId,
    speed: speed.optional(),
    playing: z.boolean().optional(),
    seek: instant.optional(),
    step: z
      .enum(['frame', 'second'])
      .optional()
      .meta({ description: 'On to the next frame, or by a second of the market; either pauses' }),
  })
  .refine(
    ({ id: _, ...changes }) => Object.keys(changes).length > 0,
    'nothing is to be changed: give speed, playing, seek or step',
  );

export const OneReplay = z.strictObject({ id: replayId });
export const ReplaysQuery = z.strictObject({ id: replayId.optional() });

const stampUs = z.int().meta({ description: 'µs since the epoch' });

export const ReplayAnswer = z
  .strictObject({
    id: z.string(),
    stream: z.string().meta({ description: 'Where its stream is' }),
    instruments: z.array(Instrument),
    from: time,
    to: time,
    clock: z.strictObject({
      replay: z.string(),
      epoch: z.int().meta({ description: 'Another one after every seek: what came before it is of another time' }),
      timeUs: stampUs.meta({ description: 'Market time reached, µs since the epoch' }),
      fromUs: stampUs,
      toUs: stampUs,
      speed: z.number(),
      playing: z.boolean(),
      ended: z.boolean(),
      source: z.enum(['journal', 'database']),
      failure: z.string().nullable().meta({ description: 'What ended it early; null where nothing did' }),
    }),
  })
  .meta({ id: 'Replay' });

export const ReplaysAnswer = z.strictObject({ replays: z.array(ReplayAnswer) });
