/**
 * Fetches what the view misses, newest first, one page at a time; and again what the recorder had not written yet, less
 * and less often.
 */
import type { Interval } from '../heatmap/coverage.ts';
import type { DepthModel, HistoryPage } from '../heatmap/depth-model.ts';
import { nextPage, type WantedHistory } from '../heatmap/history-plan.ts';
import type { HistoryState } from '../heatmap/page-state.ts';
import { TIERS_US, type Tier } from '../heatmap/tiers.ts';
import type { Tile } from '../heatmap/tile.ts';
import { asProblem, type ServerProblem } from './problem.ts';

/** What is to be held, and in which width. */
export interface Wanted extends WantedHistory {
  readonly tier: Tier;
  /** What is older than this is surely recorded, µs. */
  readonly settledUs: number;
}

interface Page {
  readonly page: HistoryPage;
  readonly messages: Uint8Array;
}

/** A page of books and trades, or tiles with a page of the trades of their time. */
export interface Fetched extends Page {
  readonly told?: {
    readonly tiles: readonly Tile[];
    /** Nothing that they tell is missing before it, µs. */
    readonly completeToUs: number;
    /** Books of the parts of the interval that no tiles tell of, oldest first. */
    readonly rest: readonly Page[];
  };
}

export type FetchPage = (tier: Tier, interval: Interval, signal: AbortSignal) => Promise<Fetched>;

/** Waits before what was not there yet is asked for again: doubled from the first to the last, ms. */
const LATE_MS_FIRST = 250;
const LATE_MS_MAX = 10_000;
/** A page that reaches into what may not be recorded yet is asked for in two parts if the sure one is this long, µs. */
const SPLIT_US = 5_000_000;
/** A page that takes longer than this is given up and asked for again, ms. */
const PAGE_MS_MAX = 30_000;
/** Waits after a failure, ms. */
const FAILED_MS_FIRST = 1000;
const FAILED_MS_MAX = 15_000;

export class HistoryLoader {
  state: HistoryState = { kind: 'idle' };
  private readonly abort = new AbortController();
  private busy = false;
  private lateMs = LATE_MS_FIRST;
  private failedMs = FAILED_MS_FIRST;
  /** From here on the recorder had nothing yet, and when to ask again. */
  private late: { readonly tier: Tier; readonly fromUs: number; readonly againMs: number } | null = null;
  private pausedUntilMs = 0;

  constructor(
    private readonly model: DepthModel,
    private readonly fetchPage: FetchPage,
    private readonly nowMs: () => number,
    private readonly onPage: () => void,
    private readonly onSignedOut: (problem: ServerProblem) => void,
  ) {}

  stop(): void {
    this.abort.abort();
  }

  /** Forgets earlier failures. */
  retryNow(): void {
    this.pausedUntilMs = 0;
    this.late = null;
    if (this.state.kind === 'failed') this.state = { kind: 'idle' };
  }

  /** Fetches the next page if one is wanted and none is under way. To be called whenever the view may have changed. */
  poke(wanted: Wanted): void {
    if (this.busy || this.abort.signal.aborted || this.nowMs() < this.pausedUntilMs) return;
    const page = this.next(wanted);
    if (!page) {
      if (!this.late) this.state = { kind: 'idle' };
      return;
    }
    this.busy = true;
    // A failure or a late recorder stays in sight until an answer shows that it is over.
    if (this.state.kind === 'idle') this.state = { kind: 'loading' };
    void this.load(wanted.tier, page).finally(() => {
      this.busy = false;
      if (!this.abort.signal.aborted) this.onPage();
    });
  }

  /** While the recorder is late, what it lacks is left out and older pages go on. */
  private next({ tier, fromUs, toUs, aheadUs, settledUs }: Wanted): Interval | null {
    if (this.late && (this.late.tier !== tier || this.nowMs() >= this.late.againMs)) this.late = null;
    const coverage = this.model.held(tier);
    const untilUs = this.late ? Math.min(toUs, this.late.fromUs) : toUs;
    const page = nextPage(coverage, TIERS_US[tier], { fromUs, toUs: untilUs, aheadUs });
    if (!page || page.toUs <= settledUs || settledUs - page.fromUs < SPLIT_US) return page;
    // What is surely recorded first: the server may have to wait for the rest, and a picture that lacks its last second
    // is there sooner.
    return { fromUs: page.fromUs, toUs: settledUs };
  }

  private async load(tier: Tier, interval: Interval): Promise<void> {
    try {
      const signal = AbortSignal.any([this.abort.signal, AbortSignal.timeout(PAGE_MS_MAX)]);
      const fetched = await this.fetchPage(tier, interval, signal);
      if (this.abort.signal.aborted) return;
      const completeToUs = this.take(tier, fetched);
      this.failedMs = FAILED_MS_FIRST;
      if (completeToUs < interval.toUs) this.wasLate(tier, Math.max(completeToUs, interval.fromUs));
      else {
        this.lateMs = LATE_MS_FIRST;
        this.state = { kind: 'idle' };
      }
    } catch (error) {
      if (this.abort.signal.aborted) return;
      this.failed(asProblem(error));
    }
  }

  /** @returns up to where nothing is missing, µs */
  private take(tier: Tier, { page, messages, told }: Fetched): number {
    if (!told) {
      this.model.readHistory(tier, page, messages);
      return page.completeToUs;
    }
    this.model.readTiles(tier, told.tiles, told.completeToUs, page, messages);
    for (const { page: books, messages: bytes } of told.rest) this.model.readHistory(tier, books, bytes);
    const late = told.rest.find(({ page: { toUs, completeToUs } }) => completeToUs < toUs);
    return late?.page.completeToUs ?? Math.max(told.completeToUs, ...told.rest.map(({ page: { toUs } }) => toUs));
  }

  private wasLate(tier: Tier, fromUs: number): void {
    this.state = { kind: 'late' };
    this.late = { tier, fromUs, againMs: this.nowMs() + this.lateMs };
    this.lateMs = Math.min(this.lateMs * 2, LATE_MS_MAX);
  }

  private failed(problem: ServerProblem): void {
    this.state = { kind: 'failed', detail: problem.detail };
    this.pausedUntilMs = this.nowMs() + this.failedMs;
    this.failedMs = Math.min(this.failedMs * 2, FAILED_MS_MAX);
    if (problem.signedOut) this.onSignedOut(problem);
  }
}
