/** The simulator's command line. */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { ClockMode, Speed } from './pump.ts';

export interface ExchangeOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly market: { readonly kind: 'synthetic' } | { readonly kind: 'replay'; readonly path: string };
  readonly speed: Speed;
  readonly seed: number;
  /** Side frames a second of every instrument; null for each one's own cadence. */
  readonly framesPerSecond: number | null;
  /** Quote packets a second of every instrument; null for each one's own cadence. */
  readonly ticksPerSecond: number | null;
  readonly session: 'always' | 'nse';
  /** Simulated ISO date; null for today. */
  readonly date: string | null;
  readonly clock: ClockMode;
  /** Labelled events a minute in every synthetic book; 0 for none. */
  readonly events: number;
  /** Further stocks that Kite alone lists, of one packet a second each: a load. */
  readonly more: number;
  /** File that the labels are appended to, one JSON object a line; null for nowhere. */
  readonly labels: string | null;
  /** Where the brokers' logins send people back to: the URLs registered for the demonstration's keys. Empty: none. */
  readonly kiteRedirect: string;
  readonly dhanRedirect: string;
}

/** A command line that cannot be followed; the message says why, in a sentence. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
}

const USAGE = `usage: simulator [options]
  --port N                     port on 127.0.0.1; 0 for any free one (default 0)
  --market synthetic|replay:PATH
                               a made-up market, or a recording (default synthetic)
  --speed X|max                market seconds in a second, 0.1 to 100, or as fast as the clients take it (default 1)
  --seed N                     names the made-up market (default 1)
  --frames N                   side frames a second of every instrument (default: each one's own)
  --ticks N                    quote packets a second of every instrument (default: each one's own)
  --events N                   labelled events a minute in every made-up book, 0 to 10 (default 0)
  --more N                     list N further stocks, at Kite alone, with a packet a second each: a load (default 0)
  --labels FILE                where the labels of events are written, a JSON object a line (default nowhere)
  --session always|nse         trade around the clock, or in the exchange's sessions (default always)
  --date YYYY-MM-DD            simulated date (default today)
  --kite-redirect URL          where Kite's login sends people back to (default: nowhere)
  --dhan-redirect URL          where Dhan's login sends people back to (default: nowhere)
  --clock real|manual          follow the clock, or move only when told to over /control/advance (default real)
`;

export const speedSchema = z.union([z.literal('max'), z.coerce.number().min(0.1).max(100)]);
/** Frames or packets a second: a hundred times what real feeds give is the end of what makes sense. */
export const rateSchema = z.coerce.number().min(0.1).max(1000);
/** A little more than Kite gives over three connections. */
const MORE_MAX = 10_000;
const dateSchema = z.iso.date();

const schema = z.strictObject({
  port: z.coerce.number().int().min(0).max(65_535).default(0),
  market: z
    .string()
    .regex(/^(synthetic|replay:.+)$/s, 'is neither synthetic nor replay:PATH')
    .default('synthetic'),
  speed: speedSchema.default(1),
  seed: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(1),
  frames: rateSchema.nullable().default(null),
  ticks: rateSchema.nullable().default(null),
  events: z.coerce.number().min(0).max(10).default(0),
  more: z.coerce.number().int().min(0).max(MORE_MAX).default(0),
  labels: z.string().min(1).nullable().default(null),
  session: z.enum(['always', 'nse']).default('always'),
  date: dateSchema.nullable().default(null),
  clock: z.enum(['real', 'manual']).default('real'),
  'kite-redirect': z.url().or(z.literal('')).default(''),
  'dhan-redirect': z.url().or(z.literal('')).default(''),
});

/** @throws OptionsError naming what is wrong. */
export function parseOptions(args: readonly string[]): ExchangeOptions {
  const text = { type: 'string' } as const;
  let values: Record<string, unknown>;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        port: text,
        market: text,
        speed: text,
        seed: text,
        frames: text,
        ticks: text,
        events: text,
        more: text,
        labels: text,
        session: text,
        date: text,
        clock: text,
        'kite-redirect': text,
        'dhan-redirect': text,
      },
    }));
  } catch (error) {
    throw new OptionsError(`${(error as Error).message}\n${USAGE}`);
  }
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new OptionsError(`--${String(issue?.path[0])}: ${issue?.message}\n${USAGE}`);
  }
  const { market, frames, ticks, 'kite-redirect': kiteRedirect, 'dhan-redirect': dhanRedirect, ...rest } = parsed.data;
  return {
    ...rest,
    kiteRedirect,
    dhanRedirect,
    framesPerSecond: frames,
    ticksPerSecond: ticks,
    market: market.startsWith('replay:')
      ? { kind: 'replay', path: market.slice('replay:'.length) }
      : { kind: 'synthetic' },
  };
}
