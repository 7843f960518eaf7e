import { describe, expect, it } from 'vitest';
import {
  addPane,
  areasOf,
  EMPTY_LAYOUT,
  freeId,
  instrumentOf,
  joinGroup,
  type Layout,
  LayoutError,
  movePane,
  neighbourOf,
  type PaneSpec,
  panesOf,
  readLayout,
  removePane,
  resizeSplit,
  showInstrument,
} from './workspace-layout.ts';

const pane = (id: string, part: Partial<PaneSpec> = {}): PaneSpec => ({
  id,
  kind: 'heatmap',
  group: 'a',
  instrument: null,
  settings: {},
  ...part,
});
const ids = (layout: Layout) => panesOf(layout).map(({ id }) => id);
const KINDS = ['heatmap', 'ladder'];

/** p1 | p2 over p3. */
const three = (): Layout => {
  const one = addPane(EMPTY_LAYOUT, pane('p1'), null, 'right');
  const two = addPane(one, pane('p2'), 'p1', 'right');
  return addPane(two, pane('p3'), 'p2', 'bottom');
};

describe('a layout', () => {
  it('gives a new pane half of the room of the one that it stands beside', () => {
    const areas = areasOf(three());
    expect(areas.get('p1')).toEqual({ x: 0, y: 0, width: 50, height: 100 });
    expect(areas.get('p2')).toEqual({ x: 50, y: 0, width: 50, height: 50 });
    expect(areas.get('p3')).toEqual({ x: 50, y: 50, width: 50, height: 50 });
    expect(freeId(three())).toBe('p4');
  });

  it('makes one split of splits in the same direction, in which nothing moves', () => {
    const layout = addPane(three(), pane('p4'), 'p1', 'left');
    expect(layout.root).toMatchObject({ split: 'row', sizes: [25, 25, 50] });
    expect(ids(layout)).toEqual(['p4', 'p1', 'p2', 'p3']);
  });

  it('gives the room of a closed pane to those beside it, and is empty after the last', () => {
    const layout = removePane(three(), 'p2');
    expect(areasOf(layout).get('p3')).toEqual({ x: 50, y: 0, width: 50, height: 100 });
    expect(removePane(removePane(layout, 'p3'), 'p1').root).toBeNull();
    const row = addPane(
      addPane(addPane(EMPTY_LAYOUT, pane('a'), null, 'right'), pane('b'), 'a', 'right'),
      pane('c'),
      'b',
      'right',
    );
    expect(removePane(row, 'b').root).toMatchObject({ sizes: [expect.closeTo(66.7, 1), expect.closeTo(33.3, 1)] });
  });

  it('moves a pane to a side of another, or lets two change places', () => {
    expect(ids(movePane(three(), 'p1', 'p3', 'right'))).toEqual(['p2', 'p3', 'p1']);
    const swapped = movePane(three(), 'p1', 'p3', 'swap');
    expect(ids(swapped)).toEqual(['p3', 'p2', 'p1']);
    expect(areasOf(swapped).get('p3')).toEqual({ x: 0, y: 0, width: 50, height: 100 });
    expect(areasOf(movePane(three(), 'p3', null, 'top')).get('p3')).toEqual({ x: 0, y: 0, width: 100, height: 50 });
    expect(movePane(three(), 'p1', 'p1', 'left')).toEqual(three());
  });

  it('knows the neighbours of a pane', () => {
    expect(neighbourOf(three(), 'p3', 'top')).toBe('p2');
    expect(neighbourOf(three(), 'p3', 'left')).toBe('p1');
    expect(neighbourOf(three(), 'p3', 'bottom')).toBeNull();
    expect(neighbourOf(three(), 'p1', 'left')).toBeNull();
  });

  it('shows an instrument in a whole group, and only there', () => {
    const layout = joinGroup(showInstrument(three(), 'p1', 'NSE:SBIN'), 'p3', null);
    const changed = showInstrument(layout, 'p2', 'NSE:TCS');
    const shown = panesOf(changed).map((each) => instrumentOf(changed, each));
    expect(shown).toEqual(['NSE:TCS', 'NSE:TCS', 'NSE:SBIN']);
    // A group that shows nothing yet takes what the pane shows.
    const joined = joinGroup(changed, 'p3', 'b');
    expect(joined.groups).toEqual({ a: 'NSE:TCS', b: 'NSE:SBIN' });
  });

  it('takes new sizes of a split, but not for another number of panes', () => {
    expect(areasOf(resizeSplit(three(), [1], [20, 80])).get('p2')?.height).toBe(20);
    expect(resizeSplit(three(), [1], [100])).toEqual(three());
  });
});

describe('a layout that is read', () => {
  it('is the one that was written', () => {
    const layout = resizeSplit(showInstrument(three(), 'p1', 'NFO:NIFTY26DECFUT'), [], [30, 70]);
    expect(readLayout(JSON.parse(JSON.stringify(layout)), KINDS)).toEqual(layout);
    expect(readLayout({ version: 1 }, KINDS)).toEqual(EMPTY_LAYOUT);
  });

  const paneWith = (part: object) => ({ version: 1, root: { ...pane('p1'), ...part } });
  const splitWith = (part: object) => ({
    version: 1,
    root: { split: 'row', sizes: [50, 50], children: [pane('p1'), pane('p2')], ...part },
  });
  it.each([
    ['nothing', null, 'The layout is no object.'],
    ['a list', [], 'The layout is no object.'],
    ['another version', { version: 2 }, 'Its version is 2; this page reads 1.'],
    ['an unknown group', { version: 1, groups: { z: 'NSE:SBIN' } }, 'groups: "z" is no group; there are a, b, c, d.'],
    ['a group without an instrument', { version: 1, groups: { a: 'x' } }, 'groups.a is no instrument'],
    ['an unknown kind', paneWith({ kind: 'pong' }), 'root.kind: there is no pane "pong" here.'],
    ['a pane without an id', paneWith({ id: '' }), 'root.id is no short name.'],
    ['settings that are a list', paneWith({ settings: [] }), 'root.settings is no object.'],
    ['long settings', paneWith({ settings: { text: 'x'.repeat(5000) } }), 'root.settings is longer than'],
    [
      'one id twice',
      splitWith({ children: [pane('p1'), pane('p1')] }),
      'root.children[1].id: two panes are called "p1".',
    ],
    ['a direction', splitWith({ split: 'up' }), 'root.split is neither "row" nor "column".'],
    ['one child', splitWith({ children: [pane('p1')] }), 'root.children has to be a list of two or more.'],
    ['sizes of another number', splitWith({ sizes: [100] }), 'root.sizes has to be 2 numbers'],
    ['sizes that do not add up', splitWith({ sizes: [10, 20] }), 'root.sizes adds up to 30, not to 100.'],
    ['a size that is no number', splitWith({ sizes: [Number.NaN, 50] }), 'root.sizes has to be 2 numbers'],
  ])('is refused with %s', (_what, value, words) => {
    expect(() => readLayout(value, KINDS)).toThrow(LayoutError);
    expect(() => readLayout(value, KINDS)).toThrow(words);
  });

  it('is refused with too many panes, and too deep', () => {
    const many = Array.from({ length: 25 }, (_, i) => pane(`p${i}`));
    expect(() => readLayout(splitWith({ children: many, sizes: undefined }), KINDS)).toThrow('more than 24 panes');
    let deep: object = pane('p0');
    for (let i = 1; i < 20; i++) deep = { split: i % 2 ? 'row' : 'column', children: [deep, pane(`p${i}`)] };
    expect(() => readLayout({ version: 1, root: deep }, KINDS)).toThrow('more than 12 deep');
  });
});
