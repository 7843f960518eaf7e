/** What a rule has told lately, as far as the newest alerts go back. */
import type { Alert } from '../../lib/client/rules.ts';

const DAY_MS = 86_400_000;
const TEST_MS = 300_000;
/** So many alerts the server gives: with as many there may be older ones. */
const GIVEN = 100;

export interface Told {
  /** `Last 27 Nov 10:15:02, 3 times in 24 h` */
  readonly words: string;
  /** The newest test of it, of the last minutes. */
  readonly test: Alert | null;
}

const isTest = ({ key, ruleId }: Alert): boolean => key.startsWith(`alert-${ruleId}-test-`);

/** @param alerts of all rules, the newest first */
export function firedOf(alerts: readonly Alert[], ruleId: number, nowMs: number): Told {
  const own = alerts.filter((alert) => alert.ruleId === ruleId);
  const fired = own.filter((alert) => !isTest(alert));
  const test = own.find((alert) => isTest(alert) && Date.parse(alert.made) > nowMs - TEST_MS) ?? null;
  const oldest = alerts.at(-1);
  const isWhole = alerts.length < GIVEN || (oldest !== undefined && Date.parse(oldest.made) < nowMs - DAY_MS);
  const count = fired.filter(({ made }) => Date.parse(made) >= nowMs - DAY_MS).length;
  const [last] = fired;
  if (!last) return { words: isWhole ? 'Told nothing yet' : 'Told nothing lately', test };
  const times = count === 1 ? 'once' : `${count} times`;
  return { words: `Last ${istSecond(last.found)}, ${isWhole ? '' : 'at least '}${times} in 24 h`, test };
}

/** `2026-11-27 10:15:02` of an instant in IST. */
export const istSecond = (iso: string): string => iso.slice(0, 19).replace('T', ' ');
