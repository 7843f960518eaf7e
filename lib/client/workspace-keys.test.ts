import { describe, expect, it } from 'vitest';
import { commandOf } from './key-bindings.ts';
import { WORKSPACE_KEYS } from './workspace-keys.ts';

const press = (code: string, part: object = {}) => {
  // What a Mac makes of a letter with Alt says nothing of the key.
  const key = code.startsWith('Key') ? '¸' : code;
  const none = { altKey: false, shiftKey: false, ctrlKey: false, metaKey: false };
  return commandOf(WORKSPACE_KEYS, { code, key, ...none, ...part }, {})?.command.action ?? null;
};
const CHORD = { altKey: true, shiftKey: true };

describe('keys of the workspace', () => {
  it('go from pane to pane', () => {
    expect(press('F6')).toEqual({ type: 'focus', step: 1 });
    expect(press('F6', { shiftKey: true })).toEqual({ type: 'focus', step: -1 });
  });

  it('move, split, maximise and close', () => {
    expect(press('ArrowLeft', CHORD)).toEqual({ type: 'move', side: 'left' });
    expect(press('KeyD', CHORD)).toEqual({ type: 'split', side: 'bottom' });
    expect(press('KeyM', CHORD)).toEqual({ type: 'maximise' });
    expect(press('KeyX', CHORD)).toEqual({ type: 'close' });
  });

  it('leave letters and the chords of the browser alone', () => {
    expect(press('KeyX')).toBeNull();
    expect(press('ArrowLeft', { altKey: true })).toBeNull();
    expect(press('KeyR', { ctrlKey: true, shiftKey: true })).toBeNull();
    expect(press('KeyX', { ...CHORD, ctrlKey: true })).toBeNull();
  });
});
