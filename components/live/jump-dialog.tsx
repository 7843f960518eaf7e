'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { type FormEvent, useState } from 'react';
import { askMarket } from '../../lib/client/market-data.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { addDays, formatIstDate, istTimeUs } from '../../lib/core/ist.ts';
import { Dialog } from '../shell/dialog.tsx';
import { Fault, Field, SubmitButton } from '../shell/field.tsx';

interface Props {
  readonly open: boolean;
  readonly instrument: InstrumentSummary;
  /** @param timeUs what the right edge of the picture is to show */
  onJump(timeUs: number): void;
  onClose(): void;
}

/** Days that are offered, today included. */
const DAYS = 14;

/** Goes to a recorded day and time: offers the days of the last two weeks with how much of each was recorded. */
export function JumpDialog({ open, instrument, onJump, onClose }: Props) {
  return (
    <Dialog open={open} title="Jump to a day and time" onClose={onClose}>
      <JumpForm instrument={instrument} onJump={onJump} />
    </Dialog>
  );
}

function JumpForm({ instrument, onJump }: Pick<Props, 'instrument' | 'onJump'>) {
  const [nowMs] = useState(() => Date.now());
  const today = formatIstDate(nowMs * 1000);
  const [day, setDay] = useState(today);
  const [time, setTime] = useState('09:30:00');
  const [fault, setFault] = useState<string | null>(null);
  const from = addDays(today, 1 - DAYS);
  const { data } = useQuery({
    queryKey: ['recorded days', instrument.slug, today],
    queryFn: ({ signal }) =>
      askMarket('/api/orderflow/coverage', { instruments: instrument.slug, from, to: today, of: 'depth' }, { signal }),
  });
  const days = data?.days.flatMap(({ date, instruments }) => {
    const share = instruments[0]?.coverage ?? null;
    return share === null || share === 0 ? [] : [{ date, share }];
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const us = Date.parse(`${day}T${time}+05:30`) * 1000;
    if (Number.isNaN(us)) setFault('Enter a day and a time.');
    else if (us >= Date.now() * 1000) setFault('That time is still to come.');
    else onJump(us);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
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
        <SubmitButton busy={false}>Jump</SubmitButton>
      </div>
      <section aria-label="Recorded days" className="border-t border-line pt-3">
        <p className="mb-2 text-muted">
          {days === undefined
            ? 'Looking for recorded days …'
            : days.length === 0
              ? 'Nothing was recorded in the last two weeks.'
              : 'Recorded, with the share of the trading time. A press goes to the end of that day.'}
        </p>
        <ul className="flex flex-wrap gap-1.5">
          {days?.map(({ date, share }) => (
            <li key={date}>
              <button
                type="button"
                onClick={() => onJump(Math.min(istTimeUs(date, '15:30'), nowMs * 1000))}
                className="rounded border border-line bg-raised px-2 py-1 font-mono text-[12px] hover:bg-hover"
              >
                {date} · {(share * 100).toFixed(share < 0.1 ? 1 : 0)} %
              </button>
            </li>
          ))}
        </ul>
        <p className="mt-3">
          <Link href="/coverage" className="underline">
            Coverage calendar
          </Link>
        </p>
      </section>
    </form>
  );
}
