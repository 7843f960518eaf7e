/** Recordings that ./gehra import has brought in: where rows of a feed `import-…` come from. */
import { importSessions } from '../../db/imports.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';
import { inIst } from './times.ts';

export interface ImportAnswer {
  /** Name of the session wherever its rows are answered. */
  readonly feed: string;
  readonly instrument: string;
  readonly instrumentId: number;
  readonly file: string;
  readonly recording: string;
  /** How the source's prices and quantities stand in the rows; empty where nothing was scaled. */
  readonly scaling: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly ticks: number;
  /** Side frames. */
  readonly sides: number;
  readonly badLines: number;
  readonly complete: boolean;
}

/** The newest first. */
export async function imports(_caller: Caller): Promise<{ readonly imports: readonly ImportAnswer[] }> {
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
