/** What traded on the day that is looked at, by price row: asked of the server again from time to time while it is shown. */
import { formatIstDate, istMidnightUs } from '../core/ist.ts';
import type { ProfileRow } from '../heatmap/profile.ts';
import { askMarket } from './market-data.ts';
import { asProblem } from './problem.ts';

const DAY_US = 86_400_000_000;
/** Asked again this often, ms. */
const AGAIN_MS = 5000;

export interface WantedProfile {
  /** Slug. */
  readonly instrument: string;
  /** A time of the day that is wanted, and how far it has come, µs. */
  readonly timeUs: number;
  readonly nowUs: number;
  readonly rowTicks: number;
  /** Price units. */
  readonly rowUnits: number;
}

export class SessionProfile {
  private asked = '';
  private askedMs = Number.NEGATIVE_INFINITY;
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

  /** To be called whenever it may be time to ask. */
  poke({ instrument, timeUs, nowUs, rowTicks, rowUnits }: WantedProfile): void {
    const fromUs = istMidnightUs(formatIstDate(timeUs));
    const question = `${fromUs} ${rowTicks}`;
    if (question === this.asked && this.nowMs() - this.askedMs < AGAIN_MS) return;
    // Rows of another day or height do not belong into this picture.
    if (question !== this.asked) this.take(null, rowUnits);
    this.asked = question;
    this.askedMs = this.nowMs();
    this.abort?.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    const toUs = Math.min(fromUs + DAY_US, nowUs);
    const query = { instrument, from: msOf(fromUs), to: msOf(toUs), row_ticks: rowTicks };
    askMarket('/api/orderflow/profile', query, { origin: this.origin, signal }).then(
      ({ rows }) => {
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
        console.warn('session_profile_not_loaded', asProblem(error).detail);
        this.take(null, rowUnits);
      },
    );
  }
}

const msOf = (us: number): string => String(Math.floor(us / 1000));
