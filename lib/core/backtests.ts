/** What has become of a backtest: the words of requests, rows and screens. */
export const BACKTEST_STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type BacktestState = (typeof BACKTEST_STATES)[number];

/** States that nothing follows. */
export const isEnded = (state: BacktestState): boolean => state !== 'queued' && state !== 'running';

/** A backtest may reach over so many days. */
export const BACKTEST_DAYS_MAX = 92;
