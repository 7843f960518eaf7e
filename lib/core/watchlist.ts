/** What people ask to be recorded: lists of pinned instruments and rules, in the order of their importance. */

/** A rule stands for instruments that change with time and market. */
export type WatchRule =
  /** Every contract listed of an underlying. */
  | { readonly kind: 'underlying'; readonly underlying: string }
  /** Its futures of the nearest expiries. */
  | { readonly kind: 'futures'; readonly underlying: string; readonly count: number }
  /** Calls and puts of its nearest expiry, from `strikes` below the money to `strikes` above. */
  | { readonly kind: 'atm'; readonly underlying: string; readonly strikes: number }
  /** What was traded most in money, of one exchange. */
  | { readonly kind: 'turnover'; readonly exchange: 'NSE' | 'NFO'; readonly count: number };

export const RULE_LIMITS = { futures: 12, atm: 50, turnover: 3000 } as const;

/** What a rule came to. */
export interface RuleAnswer {
  readonly instrumentIds: readonly number[];
  /** The strike at the money, rupees; null where the rule has none or no price is known yet. */
  readonly strike: number | null;
  /** Why it gives less than it was asked for, in words; empty where it does not. */
  readonly note: string;
}

/** A rule in words: `NIFTY: at the money ± 5 strikes`. */
export function ruleWords(rule: WatchRule): string {
  switch (rule.kind) {
    case 'underlying':
      return `${rule.underlying}: every contract`;
    case 'futures':
      return rule.count === 1
        ? `${rule.underlying}: nearest future`
        : `${rule.underlying}: ${rule.count} nearest futures`;
    case 'atm':
      return `${rule.underlying}: options at the money ± ${rule.strikes} strikes, nearest expiry`;
    case 'turnover':
      return `${rule.exchange}: ${rule.count} most traded by value`;
  }
}
