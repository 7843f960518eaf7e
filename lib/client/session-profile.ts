/** What traded on the day that is looked at or from an anchor on, by price row: asked of the server again from time to time while it is shown. */
import type { ProfileRow } from '../heatmap/profile.ts';
import { askMarket } from './market-data.ts';
import { asProblem } from './problem.ts';

/** Asked again so long after the last answer, ms. */
const AGAIN_MS = 5000;

export interface WantedProfile {
  /** Slug. */
  readonly instrument: string;
  /** µs. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly rowTicks: number;
  /** Price units. */
  readonly rowUnits: number;
}

export class SessionProfile {
  private asked = '';
  /** When it was answered last; null while an answer is waited for. */
  private answeredMs: number | null = Number.NEGATIVE_INFINITY;
  private abort: AbortController | null = null;

  /** @param take is given null where it could not be had */
  constructor(
    private readonly origin: string,
    private readonly nowMs: () => number,
    private readonly take: (rows: readonly ProfileRow[] | null, rowUnits: number) => void,
  ) {}

  stop(): void {
    this.abort?.abort();
  }

  /** Nothing is wanted any more. */
  forget(): void {
    if (this.asked === '') return;
    this.abort?.abort();
    this.asked = '';
    this.take(null, 1);
  }

  /** To be called whenever it may be time to ask. */
  poke({ instrument, fromUs, toUs, rowTicks, rowUnits }: WantedProfile): void {
    const question = `${fromUs} ${rowTicks}`;
    // A day takes the server a while: it is not asked over and over for an answer that is about to come.
    const isFresh = this.answeredMs === null || this.nowMs() - this.answeredMs < AGAIN_MS;
    if (question === this.asked && isFresh) return;
    // Rows of another time or height do not belong into this picture.
    if (question !== this.asked) this.take(null, rowUnits);
    this.asked = question;
    this.answeredMs = null;
    this.abort?.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    const query = { instrument, from: msOf(fromUs), to: msOf(toUs), row_ticks: rowTicks };
    askMarket('/api/orderflow/profile', query, { origin: this.origin, signal }).then(
      ({ rows }) => {
        if (signal.aborted) return;
        this.answeredMs = this.nowMs();
        const found = rows.map(({ price, buy, sell, unknown, trades }) => ({
          row: Math.round(price / rowUnits),
          bought: buy,
          sold: sell,
          unknown,
          trades,
        }));
        this.take(found, rowUnits);
      },
      (error: unknown) => {
        if (signal.aborted) return;
        this.answeredMs = this.nowMs();
        console.warn('session_profile_not_loaded', asProblem(error).detail);
        this.take(null, rowUnits);
      },
    );
  }
}

const msOf = (us: number): string => String(Math.floor(us / 1000));
