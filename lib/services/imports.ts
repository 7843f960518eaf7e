/** Recordings that ./gehra import has brought in: where rows of a feed `import-…` come from. */
import type { z } from 'zod';
import { importSessions } from '../../db/imports.ts';
import type { ImportsAnswer } from '../api/imports.ts';
import type { Frozen } from '../api/parts.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';
import { inIst } from './times.ts';

/** The newest first. */
export async function imports(_caller: Caller): Promise<Frozen<z.output<typeof ImportsAnswer>>> {
  const sessions = await importSessions(services().db);
  return {
    imports: sessions.map((one) => ({
      feed: one.feed,
      instrument: one.instrument,
      instrumentId: one.instrumentId,
      file: one.file,
      recording: one.name,
      scaling: one.scaling,
      from: one.fromUs === null ? null : inIst(one.fromUs),
      to: one.toUs === null ? null : inIst(one.toUs),
      ticks: one.ticks,
      sides: one.books,
      badLines: one.badLines,
      complete: one.finished,
    })),
  };
}
