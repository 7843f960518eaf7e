'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { replayPath } from '../../lib/client/replay.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { IST_OFFSET_US } from '../../lib/core/ist.ts';
import { Dialog } from '../shell/dialog.tsx';
import { Fault, Field, SubmitButton } from '../shell/field.tsx';

interface Props {
  readonly open: boolean;
  readonly instrument: InstrumentSummary;
  onClose(): void;
}

/** What is offered first lies so far back, ms. */
const BACK_MS = 15 * 60_000;

/** Asks for the day and the time from which on to replay. */
export function ReplayDialog({ open, instrument, onClose }: Props) {
  return (
    <Dialog open={open} title="Replay a past time" onClose={onClose}>
      <ReplayForm instrument={instrument} onDone={onClose} />
    </Dialog>
  );
}

function ReplayForm({ instrument, onDone }: { instrument: InstrumentSummary; onDone(): void }) {
  const router = useRouter();
  const [[firstDay, firstTime]] = useState(() => inIst(Date.now() - BACK_MS));
  const [day, setDay] = useState(firstDay);
  const [time, setTime] = useState(firstTime);
  const [fault, setFault] = useState<string | null>(null);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const from = `${day}T${time}+05:30`;
    if (Number.isNaN(Date.parse(from))) setFault('Enter a day and a time.');
    else if (Date.parse(from) >= Date.now()) setFault('That time is still to come.');
    else {
      onDone();
      router.push(replayPath(instrument.slug, from));
    }
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <p className="text-muted">
        What was recorded of {instrument.symbol} from then on, for an hour, at a speed of your choice.
      </p>
      <div className="grid grid-cols-2 gap-3">
        <Field label="Day" type="date" required value={day} onChange={({ target }) => setDay(target.value)} />
        <Field
          label="Time, IST"
          type="time"
          step={1}
          required
          value={time}
          onChange={({ target }) => setTime(target.value)}
        />
      </div>
      <Fault>{fault}</Fault>
      <div>
        <SubmitButton busy={false}>Replay</SubmitButton>
      </div>
    </form>
  );
}

/** Day and time in IST as form fields have them. */
function inIst(ms: number): [day: string, time: string] {
  const [day = '', time = ''] = new Date(ms + IST_OFFSET_US / 1000).toISOString().split('T');
  return [day, time.slice(0, 8)];
}
