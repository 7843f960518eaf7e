import { describe, expect, it } from 'vitest';
import { type BoardSignal, SignalBoard } from './signal-board.ts';

const START_MS = Date.UTC(2026, 10, 27, 5, 0, 0);
const US = 1000;
const nowUs = (ms = 0): number => (START_MS + ms) * US;

function signal(id: string, ms: number, part: Partial<BoardSignal> = {}): BoardSignal {
  const time = new Date(START_MS + ms).toISOString();
  return {
    id,
    kind: 'wall_pulled',
    words: 'a wall was taken away without having traded',
    detector: 'walls@1',
    parameters: '0',
    instrument: 'NFO:NIFTY26DECFUT',
    priceScale: 100,
    feed: 'dhan-depth200-1',
    time,
    from: time,
    to: time,
    found: time,
    lowPrice: 2_600_000,
    highPrice: 2_600_000,
    side: 'bid',
    size: 650,
    severity: 1,
    confidence: 0.5,
    cause: {},
    evidence: [],
    quality: { frameMs: 25, tickAgeMs: null },
    state: 'once',
    ...part,
  };
}

const view = (board: SignalBoard, ms = 0, snoozes: Parameters<SignalBoard['view']>[2] = []) =>
  board.view(nowUs(ms), null, snoozes, 'severity');

describe('the board of signals', () => {
  it('merges repeats into one row, and says how many are new', () => {
    const board = new SignalBoard();
    board.take([signal('a', 0), signal('b', 1000), signal('c', 2000, { severity: 3 })]);
    board.mark(['a'], 'seen');
    const { rows, count, fresh } = view(board, 2000);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ count: 3, fresh: ['b', 'c'], severity: 3, phase: 'new', ids: ['c', 'b', 'a'] });
    expect({ count, fresh }).toEqual({ count: 3, fresh: 2 });
  });

  it('says which are new, also behind one that was seen and has ended since', () => {
    const board = new SignalBoard();
    board.take([signal('seen', 0, { state: 'begun', mark: 'seen' }), signal('new', 1000)]);
    board.take([signal('seen', 2000, { state: 'ended' })]);
    expect(view(board, 2000).rows[0]).toMatchObject({ fresh: ['new'], ids: ['seen', 'new'] });
  });

  it('keeps apart what is of another kind, side or instrument, and what comes long after', () => {
    const board = new SignalBoard();
    board.take([
      signal('a', 0),
      signal('b', 0, { side: 'ask' }),
      signal('c', 0, { kind: 'sweep' }),
      signal('d', 0, { instrument: 'NSE:SBIN' }),
      signal('e', 400_000),
    ]);
    expect(view(board, 400_000).rows).toHaveLength(5);
  });

  it('counts a signal once however often it comes, and shows its newest state', () => {
    const board = new SignalBoard();
    const ended = signal('a', 5000, { state: 'ended', time: signal('a', 0).time });
    expect(board.take([signal('a', 0, { state: 'begun' })])).toHaveLength(1);
    expect(board.take([ended, signal('a', 0, { state: 'begun' })])).toHaveLength(0);
    const { rows, count } = view(board, 5000);
    expect(count).toBe(1);
    expect(rows[0]?.signal.state).toBe('ended');
  });

  it('goes from new over seen and acknowledged to resolved or expired', () => {
    const board = new SignalBoard();
    const phase = (ms: number) => view(board, ms).rows[0]?.phase;
    board.take([signal('a', 0)]);
    expect(phase(1000)).toBe('new');
    board.mark(['a'], 'seen');
    expect(phase(1000)).toBe('seen');
    board.mark(['a'], 'acknowledged');
    board.mark(['a'], 'seen');
    expect(phase(1000)).toBe('acknowledged');
    expect(phase(901_000)).toBe('expired');
    board.take([signal('a', 2000, { state: 'gone' })]);
    expect(phase(3000)).toBe('resolved');
  });

  it('takes a level for over on the next day, whose end nobody told', () => {
    const board = new SignalBoard();
    board.take([signal('a', 0, { state: 'active', mark: 'seen' })]);
    const hours = 3_600_000;
    expect(view(board, 13 * hours).rows[0]?.phase).toBe('seen');
    expect(view(board, 14 * hours).rows[0]?.phase).toBe('expired');
  });

  it('puts what is open before what is done with, then by severity, then by time', () => {
    const board = new SignalBoard();
    board.take([
      signal('mild', 3000, { kind: 'sweep' }),
      signal('done', 2000, { kind: 'iceberg', severity: 3, mark: 'acknowledged' }),
      signal('severe', 0, { kind: 'layering', severity: 3 }),
      signal('newer', 1000, { kind: 'big_pull', severity: 3 }),
    ]);
    expect(view(board, 3000).rows.map(({ ids }) => ids[0])).toEqual(['newer', 'severe', 'mild', 'done']);
  });

  it('hides what is snoozed, and counts it', () => {
    const board = new SignalBoard();
    board.take([signal('a', 0), signal('b', 0, { detector: 'sweeps@2', kind: 'sweep' })]);
    const { rows, snoozed } = view(board, 0, [{ what: 'detector', name: 'walls' }]);
    expect(rows.map(({ signal: { id } }) => id)).toEqual(['b']);
    expect(snoozed).toBe(1);
    expect(view(board, 0, [{ what: 'instrument', name: 'NFO:NIFTY26DECFUT' }]).snoozed).toBe(2);
  });

  it('loses and doubles nothing of a storm of 200 a second for a minute', () => {
    const board = new SignalBoard();
    for (let frame = 0; frame < 60 * 60; frame += 1) {
      const due = Math.floor(((frame + 1) * 200) / 60) - Math.floor((frame * 200) / 60);
      const batch = Array.from({ length: due }, (_, i) => {
        const kind = (['wall_pulled', 'sweep', 'big_pull'] as const)[i % 3] as BoardSignal['kind'];
        return signal(`${frame}.${i}`, (frame * 1000) / 60, { kind });
      });
      board.take(batch);
      // The connection is joined anew: some come twice.
      if (frame % 100 === 0) board.take(batch);
    }
    const { rows, count } = view(board, 60_000);
    expect(board.total).toBe(12_000);
    expect(count).toBe(12_000);
    expect(rows).toHaveLength(3);
  });
});
