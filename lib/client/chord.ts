/**
 * Keys as text: `Alt+Shift+ArrowLeft`, `Ctrl+Z`, `?`, `Shift+Plus`. Letters are capitals; the space bar is `Space` and the plus
 * sign `Plus`. ⌘ counts as Ctrl. This is what is kept of a binding; `chordWords` is what a person reads.
 */

export interface KeyPress {
  readonly key: string;
  /** Place of the key on the keyboard; where it is given, it tells letters that Alt or another alphabet has changed. */
  readonly code?: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

const MODIFIERS = ['Ctrl', 'Alt', 'Shift'] as const;
/** Keys that change others, and those by which people move about in a page and out of what they do. */
const NEVER_BOUND = [
  'Control',
  'Shift',
  'Alt',
  'AltGraph',
  'Meta',
  'CapsLock',
  'Tab',
  'Enter',
  'Dead',
  'Process',
  'Unidentified',
];
/** `KeyR`, `Digit1` */
const CODE = /^(?:Key|Digit)([A-Z0-9])$/;
const NAMED: Readonly<Record<string, string>> = { ' ': 'Space', '+': 'Plus' };

/** The text of what was pressed; null for a key that cannot be bound. */
export function chordOf(press: KeyPress): string | null {
  const { key } = press;
  if (key === '' || NEVER_BOUND.includes(key)) return null;
  const isLatin = key.length > 1 || key.charCodeAt(0) < 0x80;
  // With Alt a Mac types other letters, and a Hindi keyboard has none of ours.
  const placed = press.altKey || !isLatin ? CODE.exec(press.code ?? '')?.[1] : undefined;
  const name = placed ?? NAMED[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  const held = [press.ctrlKey || press.metaKey, press.altKey, press.shiftKey];
  return [...MODIFIERS.filter((_, i) => held[i]), name].join('+');
}

/** The chord without Shift, with which a key that has no meaning of its own under Shift is meant; null where Shift is not the only one. */
export const withoutShift = (chord: string): string | null =>
  chord.startsWith('Shift+') ? chord.slice('Shift+'.length) : null;

/** Reads what was kept; null where it is no chord. Modifiers may come in any order and any case. */
export function parseChord(text: string): string | null {
  const parts = text.split('+').map((part) => part.trim());
  const name = parts.pop() ?? '';
  const held = parts.map((part) => MODIFIERS.find((each) => each.toLowerCase() === part.toLowerCase()));
  if (name === '' || held.includes(undefined) || NEVER_BOUND.includes(name) || /\s/.test(name)) return null;
  if (MODIFIERS.some((each) => each.toLowerCase() === name.toLowerCase())) return null;
  return [...MODIFIERS.filter((each) => held.includes(each)), name.length === 1 ? name.toUpperCase() : name].join('+');
}

const WORDS: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Plus: '+',
  '-': '−',
  Escape: 'Esc',
};

/** `Alt Shift ←` */
export const chordWords = (chord: string): string =>
  chord
    .split('+')
    .map((part) => WORDS[part] ?? part)
    .join(' ');

/** Whether a chord types nothing, so that it may count wherever the focus is. */
export const isTypingNothing = (chord: string): boolean => /^(Ctrl|Alt)\+|^(Shift\+)?F\d+$/.test(chord);
