'use client';

import clsx from 'clsx';
import { Pencil, RotateCcw } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { chordOf, chordWords } from '../../lib/client/chord.ts';
import { bind, bound, conflictsOf, type KeyCommand, keysOf, unbound } from '../../lib/client/key-bindings.ts';
import { KEY_COMMANDS } from '../../lib/client/key-commands.ts';
import { useBindings } from './use-keys.ts';

/** Commands and their keys, as a help sheet shows them; each can be bound to another key there. */
export function KeyList({ title, commands }: { readonly title: string; readonly commands: readonly KeyCommand[] }) {
  const [changing, setChanging] = useState<string | null>(null);
  return (
    <section aria-label={title} className="mt-4 first:mt-0">
      <h3 className="mb-1.5 font-medium">{title}</h3>
      <ul className="grid gap-y-0.5">
        {commands.map((command) => (
          <KeyRow
            key={command.id}
            command={command}
            changing={changing === command.id}
            onChanging={(on) => setChanging(on ? command.id : null)}
          />
        ))}
      </ul>
    </section>
  );
}

interface RowProps {
  readonly command: KeyCommand;
  readonly changing: boolean;
  onChanging(on: boolean): void;
}

function KeyRow({ command, changing, onChanging }: RowProps) {
  const bindings = useBindings();
  const change = useRef<HTMLButtonElement>(null);
  const keys = keysOf(command, bindings);
  const { id, does } = command;
  const end = (): void => {
    onChanging(false);
    change.current?.focus();
  };
  return (
    <li className="grid grid-cols-[9rem_minmax(0,1fr)_auto] items-center gap-x-4 rounded px-1 hover:bg-hover max-sm:grid-cols-[7rem_minmax(0,1fr)_auto] max-sm:gap-x-2">
      <span data-keys className="flex flex-wrap gap-1">
        {keys.length === 0 ? <span className="text-faint">no key</span> : null}
        {keys.map((chord) => (
          <kbd key={chord} className="rounded border border-line bg-raised px-1.5 font-mono text-[11px]">
            {chordWords(chord)}
          </kbd>
        ))}
      </span>
      <span className="text-muted">{does}</span>
      <span className="flex">
        {bindings[id] ? (
          <RowButton name={`Put back the key of: ${does}`} onPress={() => bind(unbound(KEY_COMMANDS, bindings, id))}>
            <RotateCcw aria-hidden="true" className="size-3.5" />
          </RowButton>
        ) : null}
        <RowButton ref={change} name={`Change the key of: ${does}`} onPress={() => onChanging(!changing)}>
          <Pencil aria-hidden="true" className="size-3.5" />
        </RowButton>
      </span>
      {changing ? <KeyCapture command={command} onDone={end} /> : null}
    </li>
  );
}

/** Waits for a key, and asks where another command has it. */
function KeyCapture({ command, onDone }: { readonly command: KeyCommand; onDone(): void }) {
  const bindings = useBindings();
  const place = useRef<HTMLButtonElement>(null);
  const [asked, setAsked] = useState<string | null>(null);
  const conflicts = asked === null ? [] : conflictsOf(KEY_COMMANDS, bindings, command.id, asked);
  useEffect(() => place.current?.focus(), []);
  const take = (chord: string): void => {
    bind(bound(KEY_COMMANDS, bindings, command.id, chord));
    onDone();
  };
  return (
    <div className="col-span-3 my-1 flex flex-wrap items-center gap-2 rounded border border-edge bg-raised px-2 py-1">
      <button
        ref={place}
        type="button"
        onKeyDown={(event) => {
          if (event.key === 'Tab') return;
          event.preventDefault();
          event.stopPropagation();
          if (event.key === 'Escape' && !event.ctrlKey && !event.altKey && !event.shiftKey) {
            onDone();
            return;
          }
          const chord = chordOf(event.nativeEvent);
          if (chord === null) return;
          if (conflictsOf(KEY_COMMANDS, bindings, command.id, chord).length > 0) setAsked(chord);
          else take(chord);
        }}
        className="rounded border border-dashed border-edge px-2 py-0.5"
      >
        Press the new key; Esc leaves it as it is
      </button>
      {asked !== null && conflicts.length > 0 ? (
        <span role="alert" className="flex flex-wrap items-center gap-2">
          <span className="text-warn">{`${chordWords(asked)} is taken: ${conflicts.map(({ does }) => does).join(', ')}.`}</span>
          <button
            type="button"
            onClick={() => take(asked)}
            className="rounded border border-edge px-2 py-0.5 hover:bg-hover"
          >
            Use it here
          </button>
        </span>
      ) : null}
    </div>
  );
}

interface RowButtonProps {
  readonly name: string;
  readonly ref?: React.Ref<HTMLButtonElement>;
  readonly children: React.ReactNode;
  onPress(): void;
}

function RowButton({ name, ref, children, onPress }: RowButtonProps) {
  return (
    <button
      ref={ref}
      type="button"
      aria-label={name}
      title={name}
      onClick={onPress}
      className="grid size-6 place-items-center rounded text-muted hover:bg-raised hover:text-ink"
    >
      {children}
    </button>
  );
}

/** Gives all commands their own keys back. */
export function ResetKeys() {
  const bindings = useBindings();
  const changed = Object.keys(bindings).length > 0;
  return (
    <button
      type="button"
      disabled={!changed}
      onClick={() => bind({})}
      className={clsx('mt-4 rounded border border-edge bg-raised px-3 py-1', changed ? 'hover:bg-hover' : 'opacity-50')}
    >
      Put all keys back
    </button>
  );
}
