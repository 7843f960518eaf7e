import { describe, expect, it } from 'vitest';
import type { KeyPress } from './chord.ts';
import { commandOf } from './key-bindings.ts';
import { arrowAction, DEPTH_PAGE_KEYS } from './shortcuts.ts';

const press = (key: string, change: Partial<KeyPress> = {}): KeyPress => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...change,
});

const shortcutOf = (pressed: KeyPress, crosshair: boolean) => {
  const meant = commandOf(DEPTH_PAGE_KEYS, pressed, {});
  if (!meant) return null;
  const { action } = meant.command;
  return action.type === 'arrow' ? arrowAction(action, meant.withShift, crosshair) : action;
};

const commandAt = (key: string, change: Partial<KeyPress> = {}) => {
  const action = shortcutOf(press(key, change), false);
  return action?.type === 'view' ? action.command : action;
};

describe('shortcuts', () => {
  it('pans with the arrows, ten times as far with Shift', () => {
    expect(commandAt('ArrowLeft')).toEqual({ type: 'pan', dx: 12, dy: 0 });
    expect(commandAt('ArrowLeft', { shiftKey: true })).toEqual({ type: 'pan', dx: 120, dy: 0 });
    expect(commandAt('ArrowUp')).toEqual({ type: 'pan', dx: 0, dy: 12 });
  });

  it('moves the crosshair with the arrows where that is on', () => {
    expect(shortcutOf(press('ArrowRight'), true)).toEqual({ type: 'stepCursor', columns: 1, rows: 0 });
    expect(shortcutOf(press('ArrowDown', { shiftKey: true }), true)).toEqual({
      type: 'stepCursor',
      columns: 0,
      rows: -10,
    });
  });

  it.each([
    ['+', {}, 'zoomTime', 0.8],
    ['=', {}, 'zoomTime', 0.8],
    ['-', {}, 'zoomTime', 1.25],
    ['+', { shiftKey: true }, 'zoomPrice', 0.8],
    ['_', { shiftKey: true }, 'zoomPrice', 1.25],
  ])('zooms with %s', (key, change, type, factor) => {
    expect(commandAt(key, change)).toMatchObject({ type, factor });
  });

  it.each([
    ['l', 'goLive'],
    ['L', 'goLive'],
    ['Home', 'goLive'],
    ['f', 'toggleFollow'],
    [' ', 'togglePause'],
    ['b', 'toggleBubbles'],
    ['h', 'toggleHeat'],
    ['p', 'toggleProfile'],
    ['m', 'toggleChanges'],
    ['e', 'anchor'],
    ['>', 'stepSignal'],
    ['<', 'stepSignal'],
    ['g', 'nextRows'],
    ['k', 'lock'],
    ['o', 'options'],
    ['j', 'jump'],
    ['z', 'tool'],
    ['r', 'tool'],
    ['v', 'mark'],
    ['n', 'mark'],
    ['a', 'alert'],
    ['c', 'copyCursor'],
    ['y', 'copyLink'],
    ['x', 'toggleCrosshair'],
    ['Escape', 'hideCrosshair'],
    ['/', 'search'],
    ['?', 'help'],
  ])('knows %s', (key, type) => {
    expect(commandAt(key)).toMatchObject({ type });
  });

  it('moves the upper cut-off with brackets, and the lower one with Shift', () => {
    expect(commandAt(']')).toEqual({ type: 'stepCutoff', which: 'hi', steps: 1 });
    expect(commandAt('[')).toEqual({ type: 'stepCutoff', which: 'hi', steps: -1 });
    expect(commandAt('}', { shiftKey: true })).toEqual({ type: 'stepCutoff', which: 'lo', steps: 1 });
    expect(commandAt('{', { shiftKey: true })).toEqual({ type: 'stepCutoff', which: 'lo', steps: -1 });
  });

  it('goes back with Ctrl Z and ⌘ Z, and not forward again with Shift', () => {
    expect(commandAt('z', { ctrlKey: true })).toEqual({ type: 'undo' });
    expect(commandAt('z', { metaKey: true })).toEqual({ type: 'undo' });
    expect(commandAt('Z', { ctrlKey: true, shiftKey: true })).toBeNull();
  });

  it('leaves chords to the browser', () => {
    for (const key of ['f', 'l', '+', 'ArrowLeft', ' ']) expect(commandAt(key, { ctrlKey: true })).toBeNull();
    expect(commandAt('ArrowLeft', { altKey: true })).toBeNull();
  });

  it('leaves keys alone that mean nothing here', () => {
    for (const key of ['Enter', 'Tab', 'F5']) expect(commandAt(key)).toBeNull();
  });
});
