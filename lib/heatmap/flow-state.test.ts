import { describe, expect, it } from 'vitest';
import { type FlowFacts, flowState } from './flow-state.ts';

const NOW_US = Date.parse('2026-11-25T10:00:00+05:30') * 1000;
const FEED = { cause: null, detail: 'its collector does not answer', lagMs: 0, gapFromUs: NOW_US - 10_000_000 };
const facts: FlowFacts = {
  connection: { kind: 'open' },
  load: 'ready',
  detail: '',
  hasBars: true,
  feed: null,
  gapOpen: null,
  settledUs: NOW_US - 30_000_000,
  unconfirmed: null,
  nowUs: NOW_US,
};

describe('the state of a pane of trades', () => {
  it.each<[string, Partial<FlowFacts>, RegExp]>([
    ['live', {}, /^$/],
    ['loading', { load: 'loading', connection: { kind: 'connecting' } }, /^$/],
    ['error', { load: 'failed', detail: 'The log says why.' }, /The log says why/],
    ['signed_out', { load: 'signed_out' }, /Sign in/],
    ['signed_out', { connection: { kind: 'signed_out' } }, /Sign in/],
    ['disconnected', { connection: { kind: 'lost', retryAtMs: null } }, /not live/],
    ['empty', { hasBars: false }, /No trade/],
    ['gap', { gapOpen: { fromUs: NOW_US - 5_000_000, cause: 'silent' } }, /since 09:59:55 IST: connected, but no data/],
    [
      'gap',
      { feed: { ...FEED, state: 'down' }, hasBars: false },
      /^Its collector does not answer\. .* since 09:59:50 IST/,
    ],
    ['live', { feed: { ...FEED, state: 'connecting' } }, /^$/],
    ['closed', { gapOpen: { fromUs: NOW_US - 5_000_000, cause: 'market_closed' } }, /^$/],
    ['stale', { settledUs: NOW_US - 300_000_000 }, /after 09:55:00 IST.*recorder is behind/],
    ['stale', { unconfirmed: 'No answer.' }, /No answer/],
  ])('%s', (kind, part, detail) => {
    const state = flowState({ ...facts, ...part });
    expect(state.kind).toBe(kind);
    expect(state.detail).toMatch(detail);
  });
});
