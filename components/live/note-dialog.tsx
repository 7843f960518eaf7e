'use client';

import { type FormEvent, useState } from 'react';
import { MARK_TEXT_MAX, type Mark } from '../../lib/heatmap/marks.ts';
import { Dialog } from '../shell/dialog.tsx';
import { Field, SubmitButton } from '../shell/field.tsx';

interface Props {
  /** What is to be named; null: nothing, and the dialog is closed. */
  readonly mark: Mark | null;
  onDone(mark: Mark | null): void;
}

/** Asks what a new level or note is to say. */
export function NoteDialog({ mark, onDone }: Props) {
  return (
    <Dialog open={mark !== null} title={mark?.kind === 'note' ? 'Note' : 'Level'} onClose={() => onDone(null)}>
      {mark ? <NoteForm mark={mark} onDone={onDone} /> : null}
    </Dialog>
  );
}

function NoteForm({ mark, onDone }: { mark: Mark; onDone(mark: Mark): void }) {
  const [text, setText] = useState(mark.text);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onDone({ ...mark, text: text.trim() });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field
        label="Text"
        value={text}
        required={mark.kind === 'note'}
        maxLength={MARK_TEXT_MAX}
        onChange={({ target }) => setText(target.value)}
      />
      <div>
        <SubmitButton busy={false}>Keep</SubmitButton>
      </div>
    </form>
  );
}
