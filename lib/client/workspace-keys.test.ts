import { describe, expect, it } from 'vitest';
import { workspaceActionOf } from './workspace-keys.ts';

const press = (code: string, part: object = {}) =>
  workspaceActionOf({ code, key: code, altKey: false, shiftKey: false, ctrlKey: false, metaKey: false, ...part });
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
