import { describe, expect, it } from 'vitest';
import { chordOf, chordWords, isTypingNothing, type KeyPress, parseChord } from './chord.ts';
import { bound, commandOf, conflictsOf, keysOf, readBindings, unbound } from './key-bindings.ts';
import { KEY_COMMANDS } from './key-commands.ts';

const press = (key: string, part: Partial<KeyPress> = {}): KeyPress => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...part,
});

describe('chords', () => {
  it.each<[string, Partial<KeyPress>, string]>([
    ['f', {}, 'F'],
    ['F', { shiftKey: true }, 'Shift+F'],
    [' ', {}, 'Space'],
    ['+', { shiftKey: true }, 'Shift+Plus'],
    ['k', { metaKey: true }, 'Ctrl+K'],
    ['®', { altKey: true, shiftKey: true, code: 'KeyR' }, 'Alt+Shift+R'],
    ['ि', { code: 'KeyF' }, 'F'],
    ['ArrowLeft', { altKey: true, shiftKey: true, code: 'ArrowLeft' }, 'Alt+Shift+ArrowLeft'],
  ])('%s is told', (key, part, chord) => {
    const told = chordOf(press(key, part));
    expect(told).toBe(chord);
    expect(parseChord(chord), 'and read again').toBe(chord);
  });

  it('are none of the keys that move about or change others', () => {
    for (const key of ['Shift', 'Control', 'Tab', 'Enter', 'Dead']) expect(chordOf(press(key))).toBeNull();
  });

  it('are read in any order, and refused where they are none', () => {
    expect(parseChord('shift+alt+x')).toBe('Alt+Shift+X');
    for (const text of ['', '+', 'Ctrl+', 'Hyper+X', 'Shift+Alt', 'Tab', 'two words'])
      expect(parseChord(text)).toBeNull();
  });

  it('are written for people', () => {
    expect(chordWords('Alt+Shift+ArrowLeft')).toBe('Alt Shift ←');
    expect(chordWords('Shift+Plus')).toBe('Shift +');
    expect(chordWords('-')).toBe('−');
  });

  it('type something or not', () => {
    expect(['Ctrl+K', 'Alt+Shift+R', 'F6', 'Shift+F6'].every(isTypingNothing)).toBe(true);
    expect(['F', 'Shift+F', '/', 'Space'].some(isTypingNothing)).toBe(false);
  });
});

describe('bindings', () => {
  it('have no key twice, and no command twice, at first', () => {
    const keys = KEY_COMMANDS.flatMap((command) => command.keys);
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set(KEY_COMMANDS.map(({ id }) => id)).size).toBe(KEY_COMMANDS.length);
    for (const key of keys) expect(parseChord(key)).toBe(key);
  });

  it('mean a key before what it is without Shift', () => {
    expect(commandOf(KEY_COMMANDS, press('+', { shiftKey: true }), {})).toMatchObject({
      command: { id: 'zoomPriceIn' },
    });
    expect(commandOf(KEY_COMMANDS, press('?', { shiftKey: true }), {})).toMatchObject({ command: { id: 'help' } });
    const panned = commandOf(KEY_COMMANDS, press('ArrowLeft', { shiftKey: true }), {});
    expect(panned).toMatchObject({ command: { id: 'panLeft' }, withShift: true });
  });

  it('find who has a key, and take it from there', () => {
    expect(conflictsOf(KEY_COMMANDS, {}, 'follow', 'L').map(({ id }) => id)).toEqual(['goLive']);
    expect(conflictsOf(KEY_COMMANDS, {}, 'goLive', 'L')).toEqual([]);
    const bindings = bound(KEY_COMMANDS, {}, 'follow', 'L');
    expect(bindings).toEqual({ follow: ['L'], goLive: ['Home'] });
    expect(commandOf(KEY_COMMANDS, press('l'), bindings)?.command.id).toBe('follow');
    expect(commandOf(KEY_COMMANDS, press('f'), bindings)).toBeNull();
  });

  it('go back, as far as the key is free', () => {
    const bindings = bound(KEY_COMMANDS, {}, 'follow', 'L');
    const back = unbound(KEY_COMMANDS, bindings, 'goLive');
    expect(back, 'L is another one’s by now').toEqual({ follow: ['L'], goLive: ['Home'] });
    expect(unbound(KEY_COMMANDS, unbound(KEY_COMMANDS, back, 'follow'), 'goLive')).toEqual({});
  });

  it('are read from what was kept, without what is none', () => {
    const kept = { follow: ['shift+q', 'Tab', 7], goLive: 'L', pause: [] };
    const bindings = readBindings(kept);
    expect(bindings).toEqual({ follow: ['Shift+Q'], pause: [] });
    expect(keysOf({ id: 'pause', keys: ['Space'] }, bindings)).toEqual([]);
    for (const nothing of [undefined, null, 'text', [1]]) expect(readBindings(nothing)).toEqual({});
  });
});
