/** What a rule would have told of occasions that are known: by its own code, for previews and backtests. */
import { formatIstDate } from '../core/ist.ts';
import { type Occasion, type StoredRule, ToldMemory } from '../signals/rules.ts';

/** Occasions that are looked at for one answer. */
export const OCCASIONS_MAX = 50_000;

export interface DayTold {
  /** ISO, IST */
  readonly day: string;
  /** Occasions of the rule. */
  matched: number;
  /** Those that it would have told. */
  fired: number;
}

export interface WouldTell {
  readonly days: readonly DayTold[];
  /** Told a recorded day, in the mean; null where no day was recorded. */
  readonly perDay: number | null;
  /** Of the occasions that it would have told. */
  readonly toldIds: readonly string[];
  /** There were more occasions than are looked at. */
  readonly isCut: boolean;
}

/** @param recorded days on which anything was recorded: those without an occasion count too. @param occasions oldest first */
export function wouldTell(rule: StoredRule, occasions: readonly Occasion[], recorded: readonly string[]): WouldTell {
  const memory = new ToldMemory();
  const byDay = new Map<string, DayTold>(recorded.map((day) => [day, { day, matched: 0, fired: 0 }]));
  const toldIds: string[] = [];
  for (const occasion of occasions.slice(0, OCCASIONS_MAX)) {
    const day = byDay.get(formatIstDate(occasion.foundUs));
    const isTold = memory.tell(rule, occasion);
    if (isTold) toldIds.push(occasion.id);
    if (!day) continue;
    day.matched += 1;
    if (isTold) day.fired += 1;
  }
  const days = [...byDay.values()];
  const fired = days.reduce((sum, day) => sum + day.fired, 0);
  return {
    days,
    perDay: days.length === 0 ? null : fired / days.length,
    toldIds,
    isCut: occasions.length > OCCASIONS_MAX,
  };
}
