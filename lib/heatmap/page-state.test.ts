import { describe, expect, it } from 'vitest';
import { type PageFacts, pageState } from './page-state.ts';
import { T0 } from './test-support.ts';

const liveFeed = { state: 'live', cause: null, detail: '', lagMs: 2, gapFromUs: null };
const facts = (change: Partial<PageFacts> = {}): PageFacts => ({
  connection: { kind: 'open' },
  history: { kind: 'idle' },
  feed: liveFeed,
  bidStampUs: T0 - 100_000,
  askStampUs: T0 - 100_000,
  gapOpen: null,
  nowUs: T0,
  ...change,
});

describe('page state', () => {
  it.each<[string, Partial<PageFacts>, string, RegExp]>([
    ['all is well', {}, 'live', /^Live/],
    ['it has just begun', { connection: { kind: 'connecting' } }, 'loading', /Connecting/],
    ['nobody is signed in', { connection: { kind: 'signed_out' } }, 'signed_out', /Sign in/],
    [
      'the server says no',
      { connection: { kind: 'refused', detail: 'Unknown instrument' } },
      'error',
      /Unknown instrument/,
    ],
    [
      'the server is gone',
      { connection: { kind: 'lost', retryAtMs: T0 / 1000 + 3500 } },
      'disconnected',
      /Next try in 4 s/,
    ],
    ['it is being tried again', { connection: { kind: 'lost', retryAtMs: null } }, 'disconnected', /Trying again now/],
    [
      'both sides are silent',
      { bidStampUs: T0 - 3_000_000, askStampUs: T0 - 3_000_000 },
      'stale',
      /^No data Nothing has come since/,
    ],
    ['one side is silent', { bidStampUs: T0 - 3_000_000 }, 'stale', /on the bid side/],
    ['one side never came', { askStampUs: 0 }, 'stale', /on the ask side so far/],
    [
      'a gap is open',
      { gapOpen: { fromUs: T0 - 5_000_000, cause: 'silent' } },
      'gap',
      /no data came.*Nothing is known since/i,
    ],
    [
      'the feed is cut',
      { feed: { ...liveFeed, state: 'backing_off', cause: 'network' } },
      'gap',
      /Feed cut The broker could not/,
    ],
    ['a login is needed', { feed: { ...liveFeed, state: 'needs_login', cause: 'auth' } }, 'gap', /Broker login needed/],
    [
      'a gap is known to the status only',
      { feed: { ...liveFeed, state: 'connecting', gapFromUs: T0 - 9_000_000 } },
      'gap',
      /Feed connecting/,
    ],
    [
      'the market is closed',
      {
        feed: { ...liveFeed, state: 'market_closed', cause: 'market_closed', detail: 'market closed, opens today' },
        gapOpen: { fromUs: T0 - 5_000_000, cause: 'market_closed' },
      },
      'closed',
      /^Market closed Market closed, opens today\.$/,
    ],
    [
      'the market was closed and the feed waits for its first data',
      { feed: { ...liveFeed, state: 'connecting' }, gapOpen: { fromUs: T0 - 5_000_000, cause: 'market_closed' } },
      'closed',
      /^Market closed The feed is connecting/,
    ],
    ['nothing was ever recorded', { bidStampUs: 0, askStampUs: 0 }, 'empty', /Nothing recorded yet.*subscribed/],
    ['it is not subscribed', { bidStampUs: 0, askStampUs: 0, feed: null }, 'empty', /not subscribed/],
    [
      'history is on its way',
      { bidStampUs: 0, askStampUs: 0, history: { kind: 'loading' } },
      'loading',
      /Loading history/,
    ],
    [
      'history fails with nothing else to see',
      { bidStampUs: 0, askStampUs: 0, history: { kind: 'failed', detail: 'Database down' } },
      'error',
      /Database down/,
    ],
  ])('when %s', (_, change, kind, words) => {
    const state = pageState(facts(change));
    expect(state.kind).toBe(kind);
    expect(`${state.title} ${state.detail}`).toMatch(words);
  });

  it('does not call it dead before two seconds', () => {
    expect(pageState(facts({ bidStampUs: T0 - 2_000_000 })).kind).toBe('live');
    expect(pageState(facts({ bidStampUs: T0 - 2_000_001 })).kind).toBe('stale');
  });

  it('measures what is missing', () => {
    expect(pageState(facts({ bidStampUs: T0 - 12_000_000 })).missingMs).toBe(12_000);
    expect(pageState(facts({ gapOpen: { fromUs: T0 - 7_000_000, cause: 'auth' } })).missingMs).toBe(7000);
  });

  it('names the day where it was not today', () => {
    const dayUs = 86_400_000_000;
    const state = pageState(facts({ bidStampUs: T0 - dayUs, askStampUs: T0 - dayUs }));
    expect(state.detail).toMatch(/\d\d [A-Z][a-z]+, \d\d:\d\d:\d\d IST/);
  });
});
