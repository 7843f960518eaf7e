/** What is answered of the recordings that `./gehra import` has brought in. */
import { z } from 'zod';
import { time } from './parts.ts';

export const ImportsAnswer = z.strictObject({
  imports: z
    .array(
      z.strictObject({
        feed: z.string().meta({ description: 'Name of the session wherever its rows are answered' }),
        instrument: z.string(),
        instrumentId: z.int(),
        file: z.string(),
        recording: z.string(),
        scaling: z.string().meta({
          description: "How the source's prices and quantities stand in the rows; empty where nothing was scaled",
        }),
        from: time.nullable(),
        to: time.nullable(),
        ticks: z.int(),
        sides: z.int().meta({ description: 'Side frames' }),
        badLines: z.int(),
        complete: z.boolean(),
      }),
    )
    .meta({ description: 'The newest first' }),
});
