/** Keys of the heatmap, and those by which panes are opened. */
import type { ViewCommand } from '../heatmap/view-controller.ts';
import type { KeyCommand } from './key-bindings.ts';
import { HELP, SEARCH, type SiteAction } from './site-keys.ts';

export type ShortcutAction =
  | SiteAction
  | { readonly type: 'view'; readonly command: ViewCommand }
  /** Moves the picture, or the crosshair where that is moved by keys; times ten with Shift. */
  | { readonly type: 'arrow'; readonly x: -1 | 0 | 1; readonly y: -1 | 0 | 1 }
  | { readonly type: 'stepCursor'; readonly columns: number; readonly rows: number }
  | { readonly type: 'stepColumn'; readonly columns: 1 | -1 }
  | { readonly type: 'toggleCrosshair' }
  | { readonly type: 'hideCrosshair' }
  | { readonly type: 'toggleBubbles' }
  | { readonly type: 'toggleHeat' }
  | { readonly type: 'toggleProfile' }
  | { readonly type: 'nextRows' }
  | { readonly type: 'stepCutoff'; readonly which: 'lo' | 'hi'; readonly steps: number }
  | { readonly type: 'lock' }
  | { readonly type: 'tool'; readonly tool: 'zoom' | 'ruler' }
  | { readonly type: 'mark'; readonly kind: 'level' | 'note' }
  | { readonly type: 'copyCursor' }
  | { readonly type: 'copyLink' }
  | { readonly type: 'jump' }
  | { readonly type: 'options' }
  /** In the workspace beside the others, from the depth page in a window of its own. */
  | { readonly type: 'openPane'; readonly kind: string };

const PAN_PX = 12;
const PAN_FAST = 10;
const ZOOM_STEP = 1.25;

const view = (command: ViewCommand): ShortcutAction => ({ type: 'view', command });
const zoomTime = (factor: number): ShortcutAction => view({ type: 'zoomTime', factor, x: null });
const zoomPrice = (factor: number): ShortcutAction => view({ type: 'zoomPrice', factor, y: null });
const arrow = (x: -1 | 0 | 1, y: -1 | 0 | 1): ShortcutAction => ({ type: 'arrow', x, y });

type Row<Action> = readonly [id: string, keys: readonly string[], does: string, action: Action];
const table = <Action>(rows: readonly Row<Action>[]): readonly KeyCommand<Action>[] =>
  rows.map(([id, keys, does, action]) => ({ id, keys, does, action }));

export const HEATMAP_KEYS = table<ShortcutAction>([
  ['panLeft', ['ArrowLeft'], 'Pan to earlier; with Shift ten times as far', arrow(-1, 0)],
  ['panRight', ['ArrowRight'], 'Pan to later; with Shift ten times as far', arrow(1, 0)],
  ['panUp', ['ArrowUp'], 'Pan to higher prices; with Shift ten times as far', arrow(0, 1)],
  ['panDown', ['ArrowDown'], 'Pan to lower prices; with Shift ten times as far', arrow(0, -1)],
  ['zoomTimeIn', ['Plus', '='], 'Zoom time in', zoomTime(1 / ZOOM_STEP)],
  ['zoomTimeOut', ['-'], 'Zoom time out', zoomTime(ZOOM_STEP)],
  ['zoomPriceIn', ['Shift+Plus', 'Shift+='], 'Zoom price in', zoomPrice(1 / ZOOM_STEP)],
  ['zoomPriceOut', ['Shift+-', '_'], 'Zoom price out', zoomPrice(ZOOM_STEP)],
  ['zoomTool', ['Z'], 'Drag a rectangle to zoom into; Shift and drag does it once', { type: 'tool', tool: 'zoom' }],
  ['undo', ['Ctrl+Z'], 'Back to the view before', view({ type: 'undo' })],
  ['goLive', ['L', 'Home'], 'Back to live', view({ type: 'goLive' })],
  ['follow', ['F'], 'Follow the market, or stop following', view({ type: 'toggleFollow' })],
  ['pause', ['Space'], 'Pause and go on', view({ type: 'togglePause' })],
  ['columnBack', [','], 'Back by one column', { type: 'stepColumn', columns: -1 }],
  ['columnForward', ['.'], 'Forward by one column', { type: 'stepColumn', columns: 1 }],
  ['heat', ['H'], 'Heatmap on and off', { type: 'toggleHeat' }],
  ['bubbles', ['B'], 'Trade bubbles on and off', { type: 'toggleBubbles' }],
  ['profile', ['P'], 'Volume profile on and off', { type: 'toggleProfile' }],
  ['rows', ['G'], 'Taller price rows', { type: 'nextRows' }],
  ['upperUp', [']'], 'Upper colour cut-off up', { type: 'stepCutoff', which: 'hi', steps: 1 }],
  ['upperDown', ['['], 'Upper colour cut-off down', { type: 'stepCutoff', which: 'hi', steps: -1 }],
  ['lowerUp', ['}', 'Shift+]'], 'Lower colour cut-off up', { type: 'stepCutoff', which: 'lo', steps: 1 }],
  ['lowerDown', ['{', 'Shift+['], 'Lower colour cut-off down', { type: 'stepCutoff', which: 'lo', steps: -1 }],
  ['lock', ['K'], 'Lock the colours, or let them follow', { type: 'lock' }],
  ['options', ['O'], 'Options of the picture', { type: 'options' }],
  ['jump', ['J'], 'Jump to a day and a time', { type: 'jump' }],
  ['ruler', ['R'], 'Drag a ruler; Alt and drag does it once', { type: 'tool', tool: 'ruler' }],
  ['level', ['V'], 'Level at the crosshair', { type: 'mark', kind: 'level' }],
  ['note', ['N'], 'Note at the crosshair', { type: 'mark', kind: 'note' }],
  ['copyNumbers', ['C'], 'Copy the numbers at the crosshair', { type: 'copyCursor' }],
  ['copyLink', ['Y'], 'Copy the address of this picture', { type: 'copyLink' }],
  [
    'crosshair',
    ['X'],
    'Crosshair by keyboard: the keys that pan move it by one cell, with Shift by ten',
    { type: 'toggleCrosshair' },
  ],
  ['hideCrosshair', ['Escape'], 'Hide the crosshair, put the tool away', { type: 'hideCrosshair' }],
]);

/** Keys of the depth page and of the workspace alike. */
export const PANE_KEYS = table<Extract<ShortcutAction, { type: 'openPane' }>>([
  ['openLadder', ['D'], 'Ladder of this instrument', { type: 'openPane', kind: 'ladder' }],
  ['openTape', ['T'], 'Tape of this instrument', { type: 'openPane', kind: 'tape' }],
]);

/** Keys of the depth page. */
export const DEPTH_PAGE_KEYS: readonly KeyCommand<ShortcutAction>[] = [...HEATMAP_KEYS, ...PANE_KEYS, SEARCH, HELP];

/** Arrows move what is looked at: the picture goes the other way. */
export function arrowAction(
  { x, y }: { readonly x: number; readonly y: number },
  withShift: boolean,
  crosshair: boolean,
): ShortcutAction {
  const times = withShift ? PAN_FAST : 1;
  if (crosshair) return { type: 'stepCursor', columns: x * times, rows: y * times };
  // `|| 0`: minus zero is not zero to everybody.
  return view({ type: 'pan', dx: -x * PAN_PX * times || 0, dy: y * PAN_PX * times || 0 });
}
