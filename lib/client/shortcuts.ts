/** Keys of the depth page. The list in the help sheet and what the keys do come from the same table. */
import type { ViewCommand } from '../heatmap/view-controller.ts';

export type ShortcutAction =
  | { readonly type: 'view'; readonly command: ViewCommand }
  | { readonly type: 'stepCursor'; readonly columns: number; readonly rows: number }
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
  | { readonly type: 'search' }
  | { readonly type: 'help' };

export interface Shortcut {
  /** As shown. */
  readonly keys: readonly string[];
  readonly does: string;
}

/** For the help sheet. */
export const SHORTCUTS: readonly Shortcut[] = [
  { keys: ['←', '→', '↑', '↓'], does: 'Pan; with Shift ten times as far' },
  { keys: ['+', '−'], does: 'Zoom time' },
  { keys: ['Shift +', 'Shift −'], does: 'Zoom price' },
  { keys: ['Z'], does: 'Drag a rectangle to zoom into; Shift and drag does it once' },
  { keys: ['Ctrl Z'], does: 'Back to the view before' },
  { keys: ['L', 'Home'], does: 'Back to live' },
  { keys: ['F'], does: 'Follow the market, or stop following' },
  { keys: ['Space'], does: 'Pause and go on' },
  { keys: ['H'], does: 'Heatmap on and off' },
  { keys: ['B'], does: 'Trade bubbles on and off' },
  { keys: ['P'], does: 'Volume profile on and off' },
  { keys: ['G'], does: 'Taller price rows' },
  { keys: [']', '['], does: 'Upper colour cut-off up and down; with Shift the lower one' },
  { keys: ['K'], does: 'Lock the colours, or let them follow' },
  { keys: ['O'], does: 'Options of the picture' },
  { keys: ['J'], does: 'Jump to a day and a time' },
  { keys: ['R'], does: 'Drag a ruler; Alt and drag does it once' },
  { keys: ['V', 'N'], does: 'Level, or note, at the crosshair' },
  { keys: ['C'], does: 'Copy the numbers at the crosshair' },
  { keys: ['Y'], does: 'Copy the address of this picture' },
  { keys: ['X'], does: 'Crosshair by keyboard: arrows move it by one cell, with Shift by ten' },
  { keys: ['Esc'], does: 'Hide the crosshair' },
  { keys: ['Ctrl K', '/'], does: 'Search instruments' },
  { keys: ['?'], does: 'This sheet' },
];

const PAN_PX = 12;
const PAN_FAST = 10;
const ZOOM_STEP = 1.25;

const LETTERS: Readonly<Record<string, ShortcutAction>> = {
  b: { type: 'toggleBubbles' },
  h: { type: 'toggleHeat' },
  p: { type: 'toggleProfile' },
  g: { type: 'nextRows' },
  k: { type: 'lock' },
  o: { type: 'options' },
  j: { type: 'jump' },
  z: { type: 'tool', tool: 'zoom' },
  r: { type: 'tool', tool: 'ruler' },
  v: { type: 'mark', kind: 'level' },
  n: { type: 'mark', kind: 'note' },
  c: { type: 'copyCursor' },
  y: { type: 'copyLink' },
};

const ARROWS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

export interface KeyPress {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** What a key asks for; null where it is none of ours. @param crosshair arrows move the crosshair */
export function shortcutOf(press: KeyPress, crosshair: boolean): ShortcutAction | null {
  const { key, shiftKey } = press;
  if ((press.ctrlKey || press.metaKey) && key.toLowerCase() === 'k') return { type: 'search' };
  if ((press.ctrlKey || press.metaKey) && !shiftKey && key.toLowerCase() === 'z') return view({ type: 'undo' });
  if (press.ctrlKey || press.metaKey || press.altKey) return null;
  const arrow = ARROWS[key];
  if (arrow) return arrowAction(arrow, shiftKey ? PAN_FAST : 1, crosshair);
  switch (key) {
    case '+':
    case '=':
      return shiftKey ? zoomPrice(1 / ZOOM_STEP) : zoomTime(1 / ZOOM_STEP);
    case '-':
      return shiftKey ? zoomPrice(ZOOM_STEP) : zoomTime(ZOOM_STEP);
    case '_':
      return zoomPrice(ZOOM_STEP);
    case '[':
      return { type: 'stepCutoff', which: 'hi', steps: -1 };
    case ']':
      return { type: 'stepCutoff', which: 'hi', steps: 1 };
    case '{':
      return { type: 'stepCutoff', which: 'lo', steps: -1 };
    case '}':
      return { type: 'stepCutoff', which: 'lo', steps: 1 };
    case 'Home':
      return view({ type: 'goLive' });
    case ' ':
      return view({ type: 'togglePause' });
    case 'Escape':
      return { type: 'hideCrosshair' };
    case '/':
      return { type: 'search' };
    case '?':
      return { type: 'help' };
  }
  switch (key.toLowerCase()) {
    case 'l':
      return view({ type: 'goLive' });
    case 'f':
      return view({ type: 'toggleFollow' });
    case 'x':
      return { type: 'toggleCrosshair' };
    default:
      return LETTERS[key.toLowerCase()] ?? null;
  }
}

/** Arrows move what is looked at: the picture goes the other way. */
function arrowAction([x, y]: readonly [number, number], times: number, crosshair: boolean): ShortcutAction {
  if (crosshair) return { type: 'stepCursor', columns: x * times, rows: y * times };
  // `|| 0`: minus zero is not zero to everybody.
  return view({ type: 'pan', dx: -x * PAN_PX * times || 0, dy: y * PAN_PX * times || 0 });
}

const view = (command: ViewCommand): ShortcutAction => ({ type: 'view', command });
const zoomTime = (factor: number): ShortcutAction => view({ type: 'zoomTime', factor, x: null });
const zoomPrice = (factor: number): ShortcutAction => view({ type: 'zoomPrice', factor, y: null });
