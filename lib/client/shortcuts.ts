/** Keys of the depth page. The list in the help sheet and what the keys do come from the same table. */
import type { ViewCommand } from '../heatmap/view-controller.ts';

export type ShortcutAction =
  | { readonly type: 'view'; readonly command: ViewCommand }
  | { readonly type: 'stepCursor'; readonly columns: number; readonly rows: number }
  | { readonly type: 'toggleCrosshair' }
  | { readonly type: 'hideCrosshair' }
  | { readonly type: 'toggleBubbles' }
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
  { keys: ['Shift +', 'Shift −', ']', '['], does: 'Zoom price' },
  { keys: ['L', 'Home'], does: 'Back to live' },
  { keys: ['F'], does: 'Follow the market, or stop following' },
  { keys: ['Space'], does: 'Pause and go on' },
  { keys: ['B'], does: 'Trade bubbles on and off' },
  { keys: ['X'], does: 'Crosshair by keyboard: arrows move it by one cell, with Shift by ten' },
  { keys: ['Esc'], does: 'Hide the crosshair' },
  { keys: ['Ctrl K', '/'], does: 'Search instruments' },
  { keys: ['?'], does: 'This sheet' },
];

const PAN_PX = 12;
const PAN_FAST = 10;
const ZOOM_STEP = 1.25;

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
    case '[':
      return zoomPrice(ZOOM_STEP);
    case ']':
      return zoomPrice(1 / ZOOM_STEP);
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
    case 'b':
      return { type: 'toggleBubbles' };
    case 'x':
      return { type: 'toggleCrosshair' };
    default:
      return null;
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
