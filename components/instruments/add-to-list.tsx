'use client';

import { useState } from 'react';
import { pin } from '../../lib/client/watching.ts';
import type { WatchlistView } from '../../lib/core/watching.ts';
import { Dialog } from '../shell/dialog.tsx';
import { Failure, fieldClass, SmallButton } from './form-parts.tsx';
import { InstrumentFinder } from './instrument-finder.tsx';
import { RuleForm } from './rule-form.tsx';
import { useChange } from './use-change.ts';

type Way = 'pin' | 'rule' | 'import';
const WAYS: readonly { readonly way: Way; readonly label: string; readonly title: string }[] = [
  { way: 'pin', label: 'Add an instrument', title: 'Add an instrument to' },
  { way: 'rule', label: 'Add a rule', title: 'Add a rule to' },
  { way: 'import', label: 'Import', title: 'Import instruments into' },
];

/** The three ways by which something comes into a list, each in a dialog. */
export function AddToList({ list }: { list: WatchlistView }) {
  const [open, setOpen] = useState<Way | null>(null);
  const close = () => setOpen(null);
  return (
    <div className="flex flex-wrap gap-2 p-2">
      {WAYS.map(({ way, label, title }) => (
        <div key={way}>
          <SmallButton onClick={() => setOpen(way)}>
            {label}
            <span className="sr-only"> {way === 'pin' ? `to ${list.name}` : `into ${list.name}`}</span>
          </SmallButton>
          <Dialog open={open === way} title={`${title} ${list.name}`} onClose={close}>
            {way === 'pin' ? <Pinning list={list} /> : null}
            {way === 'rule' ? <RuleForm list={list} onDone={close} /> : null}
            {way === 'import' ? <Importing list={list} /> : null}
          </Dialog>
        </div>
      ))}
    </div>
  );
}

function Pinning({ list }: { list: WatchlistView }) {
  const [pinned, setPinned] = useState<string[]>([]);
  const { change, failure } = useChange(async (slug: string) => {
    await pin(list.id, [slug]);
    setPinned((before) => [...before, slug]);
  });
  return (
    <>
      <p role="status" className="mb-2 min-h-5 text-muted">
        {pinned.length > 0 ? `Added: ${pinned.join(', ')}` : 'Enter or a click adds the instrument.'}
      </p>
      <Failure detail={failure} />
      <InstrumentFinder initialSearch="" onPick={({ slug }) => change(slug)} />
    </>
  );
}

function Importing({ list }: { list: WatchlistView }) {
  const [text, setText] = useState('');
  const [result, setResult] = useState('');
  const { change, busy, failure } = useChange(async (lines: readonly string[]) => {
    const { pinned, unknown } = await pin(list.id, lines);
    const added = pinned === 1 ? '1 instrument was added' : `${pinned.toLocaleString('en-IN')} instruments were added`;
    setResult(unknown.length > 0 ? `${added}. Not known: ${unknown.join(', ')}` : `${added}.`);
  });
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change(lines);
      }}
      className="flex flex-col gap-3"
    >
      <label className="flex flex-col gap-1">
        One instrument a line, as EXCHANGE:SYMBOL. Lines with a # in front are left out.
        <textarea
          rows={8}
          spellCheck={false}
          value={text}
          placeholder={'NFO:NIFTY26DECFUT\nNSE:RELIANCE'}
          onChange={({ target }) => setText(target.value)}
          className={`${fieldClass} h-auto py-1 font-mono`}
        />
      </label>
      <p role="status" className="break-words">
        {result}
      </p>
      <Failure detail={failure} />
      <SmallButton type="submit" disabled={busy || lines.length === 0} className="self-start">
        {lines.length === 1 ? 'Import 1 line' : `Import ${lines.length.toLocaleString('en-IN')} lines`}
      </SmallButton>
    </form>
  );
}
