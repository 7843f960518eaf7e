/** What has become of a backtest: the words of requests, rows and screens. */
export const BACKTEST_STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type BacktestState = (typeof BACKTEST_STATES)[number];

/** A backtest may reach over so many days. */
export const BACKTEST_DAYS_MAX = 92;
