/**
 * Which keys ask for what. Commands stand in tables (shortcuts.ts, workspace-keys.ts, site-keys.ts) with the keys that they have at
 * first; what a person has bound otherwise is kept in this browser. Help sheets, the palette and the pages read the same.
 */
import { chordOf, type KeyPress, parseChord, withoutShift } from './chord.ts';
import { keep, readKept } from './kept.ts';

export interface KeyCommand<Action = unknown> {
  /** Unique among all tables: bindings are kept under it. */
  readonly id: string;
  /** What it does, as the help sheet and the palette say it. */
  readonly does: string;
  /** Its keys at first, as `chordOf` tells them. */
  readonly keys: readonly string[];
  readonly action: Action;
}

/** Chords by the id of a command; only of those that were bound otherwise. */
export type Bindings = Readonly<Record<string, readonly string[]>>;

const KEY = 'gehra.keys';
const NOTHING_BOUND: Bindings = {};

export const keysOf = ({ id, keys }: Pick<KeyCommand, 'id' | 'keys'>, bindings: Bindings): readonly string[] =>
  bindings[id] ?? keys;

export interface Meant<Action> {
  readonly command: KeyCommand<Action>;
  /** Shift was held beside the command's own key. */
  readonly withShift: boolean;
}

/** The command that a key asks for; null where it is none of these. */
export function commandOf<Action>(
  table: readonly KeyCommand<Action>[],
  press: KeyPress,
  bindings: Bindings,
): Meant<Action> | null {
  const chord = chordOf(press);
  if (chord === null) return null;
  const having = (wanted: string) => table.find((command) => keysOf(command, bindings).includes(wanted));
  const exact = having(chord);
  if (exact) return { command: exact, withShift: false };
  // `?` needs Shift on many keyboards, `/` on some; and capitals mean their letters.
  const plain = withoutShift(chord);
  const loose = plain === null ? undefined : having(plain);
  return loose ? { command: loose, withShift: true } : null;
}

/** The other commands that have a chord already. */
export const conflictsOf = (
  commands: readonly KeyCommand[],
  bindings: Bindings,
  id: string,
  chord: string,
): readonly KeyCommand[] => commands.filter((each) => each.id !== id && keysOf(each, bindings).includes(chord));

/** With a chord as the only one of a command; whatever else had it has it no more. */
export function bound(commands: readonly KeyCommand[], bindings: Bindings, id: string, chord: string): Bindings {
  const taken = conflictsOf(commands, bindings, id, chord).map((each): [string, readonly string[]] => [
    each.id,
    keysOf(each, bindings).filter((key) => key !== chord),
  ]);
  return { ...bindings, ...Object.fromEntries(taken), [id]: [chord] };
}

/** With a command's own keys back, as far as nothing else has them by now. */
export function unbound(commands: readonly KeyCommand[], bindings: Bindings, id: string): Bindings {
  const { [id]: _, ...others } = bindings;
  const command = commands.find((each) => each.id === id);
  if (!command) return others;
  const free = command.keys.filter((key) => conflictsOf(commands, others, id, key).length === 0);
  return free.length === command.keys.length ? others : { ...others, [id]: free };
}

/** Reads what was kept, and leaves out what is no binding. */
export function readBindings(kept: unknown): Bindings {
  if (typeof kept !== 'object' || kept === null || Array.isArray(kept)) return NOTHING_BOUND;
  const read = Object.entries(kept).flatMap(([id, keys]: [string, unknown]): [string, string[]][] => {
    if (!Array.isArray(keys)) return [];
    const chords = keys.map((key: unknown) => (typeof key === 'string' ? parseChord(key) : null));
    return [[id, chords.filter((chord) => chord !== null)]];
  });
  return Object.fromEntries(read);
}

let current: Bindings | null = null;
const listeners = new Set<() => void>();

/** What is bound in this browser: the same object until it changes. */
export function bindings(): Bindings {
  current ??= readBindings(readKept(KEY));
  return current;
}

/** On the server nobody has bound anything. */
export const noBindings = (): Bindings => NOTHING_BOUND;

export function bind(next: Bindings): void {
  current = next;
  keep(KEY, next);
  for (const listener of listeners) listener();
}

let listening = false;

/** Calls when something is bound, here or in another tab; returns what ends it. */
export function onBindings(listener: () => void): () => void {
  if (!listening) {
    listening = true;
    window.addEventListener('storage', ({ key }) => {
      if (key !== KEY) return;
      current = null;
      for (const each of listeners) each();
    });
  }
  listeners.add(listener);
  return () => listeners.delete(listener);
}
