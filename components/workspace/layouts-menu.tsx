'use client';

import { Trash2 } from 'lucide-react';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { NAME_LENGTH_MAX } from '../../lib/client/layout-store.ts';
import type { Layout } from '../../lib/client/workspace-layout.ts';
import { Menu } from '../shell/menu.tsx';
import { SAMPLE_LAYOUTS } from './sample-layouts.ts';
import type { Workspace } from './use-workspace.ts';

interface Props {
  readonly workspace: Workspace;
  onSample(layout: Layout): void;
  onExport(): void;
  onImport(): void;
  onLink(): void;
}

/** Layouts to open, and ways to keep, send and receive them. */
export function LayoutsMenu({ workspace, onSample, onExport, onImport, onLink }: Props) {
  const { saved, name, open, remove, saveAs } = workspace;
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const save = (event: FormEvent): void => {
    event.preventDefault();
    const wanted = text.trim();
    if (wanted === '') {
      input.current?.focus();
      return;
    }
    saveAs(wanted);
    setText('');
  };
  return (
    <Menu name={name ?? 'Layouts'} className="w-64">
      <form onSubmit={save} className="flex gap-1.5 border-b border-line p-1 pb-2">
        <input
          ref={input}
          aria-label="Name of the layout"
          placeholder={name ?? 'Name of the layout'}
          maxLength={NAME_LENGTH_MAX}
          value={text}
          onChange={({ target }) => setText(target.value)}
          className="min-w-0 flex-1 rounded border border-edge bg-raised px-2 py-0.5 placeholder:text-faint"
        />
        <button type="submit" className="rounded border border-edge bg-raised px-2 hover:bg-hover">
          Save
        </button>
      </form>
      {saved.length === 0 ? null : (
        <ul aria-label="Saved layouts" className="border-b border-line py-1">
          {saved.map((each) => (
            <li key={each.name} className="flex items-center">
              <Item onPress={() => open(each.layout, each.name)}>{each.name}</Item>
              <button
                type="button"
                aria-label={`Delete ${each.name}`}
                title={`Delete ${each.name}`}
                onClick={() => remove(each.name)}
                className="rounded p-1 text-muted hover:bg-hover hover:text-ink"
              >
                <Trash2 aria-hidden="true" className="size-3.5" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <ul aria-label="Sample layouts" className="border-b border-line py-1">
        {SAMPLE_LAYOUTS.map((sample) => (
          <li key={sample.name}>
            <Item onPress={() => onSample(sample.layout)}>
              {sample.name} <span className="text-muted">sample</span>
            </Item>
          </li>
        ))}
      </ul>
      <div className="pt-1">
        <Item onPress={onLink}>Copy a link to this layout</Item>
        <Item onPress={onExport}>Export as a file</Item>
        <Item onPress={onImport}>Import a file…</Item>
      </div>
    </Menu>
  );
}

function Item({ children, onPress }: { children: ReactNode; onPress(): void }) {
  return (
    <button
      type="button"
      data-closes
      onClick={onPress}
      className="block w-full min-w-0 flex-1 truncate rounded px-2.5 py-1 text-left hover:bg-hover"
    >
      {children}
    </button>
  );
}
