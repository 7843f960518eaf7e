/** Instants in answers; those in requests are read by lib/api/instant.ts. */
import { IST_OFFSET_US } from '../core/ist.ts';

const US_PER_MS = 1000;

/** An instant as answers give it: ISO 8601 in IST with its offset, whole milliseconds. */
export const inIst = (us: number): string =>
  `${new Date((us + IST_OFFSET_US) / US_PER_MS).toISOString().slice(0, -1)}+05:30`;
