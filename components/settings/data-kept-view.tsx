'use client';

import { useQuery } from '@tanstack/react-query';
import { ask } from '../../lib/client/api.ts';
import { Answer } from '../shell/answer.tsx';
import { bytesWords } from '../shell/bytes-words.ts';
import { Panel } from '../shell/form-parts.tsx';

interface DataKept {
  readonly tiers: readonly {
    readonly name: string;
    readonly purpose: string;
    readonly keepDays: number;
    readonly variable: string;
    readonly bytes: number;
  }[];
  readonly diskFreeBytes: number;
  readonly diskBytes: number;
  readonly bytesPerDay: number;
  readonly tradingDaysLeft: number | null;
}

export function DataKeptView() {
  const query = useQuery({ queryKey: ['data kept'], queryFn: () => ask<DataKept>('/api/settings/data') });
  return (
    <Answer query={query} what="what is kept">
      {({ tiers, diskFreeBytes, diskBytes, bytesPerDay, tradingDaysLeft }) => (
        <>
          <Panel title="Kept">
            <ul className="divide-y divide-line">
              {tiers.map(({ name, purpose, keepDays, variable, bytes }) => (
                <li key={name} className="grid gap-x-4 gap-y-0.5 py-2 sm:grid-cols-[6rem_7rem_6rem_minmax(0,1fr)]">
                  <span className="font-medium">{name}</span>
                  <span>{keepDays === 0 ? 'for ever' : `${keepDays} days`}</span>
                  <span className="font-mono tabular-nums">{bytesWords(bytes)}</span>
                  <span className="text-muted">
                    {purpose} <code className="font-mono text-[12px] break-all">{variable}</code>
                  </span>
                </li>
              ))}
            </ul>
            <p className="mt-2">{`${bytesWords(diskFreeBytes)} of ${bytesWords(diskBytes)} are free on the disk of the data folder. ${forecastWords(bytesPerDay, tradingDaysLeft)}`}</p>
          </Panel>
          <Panel title="To change it">
            <p className="text-muted">
              Set the variable named above in the file .env of the checkout (0: for ever) and start Gehra again. Older
              days are dropped within the hour, whole days at a time.
            </p>
          </Panel>
        </>
      )}
    </Answer>
  );
}

function forecastWords(bytesPerDay: number, tradingDaysLeft: number | null): string {
  if (bytesPerDay === 0) return 'How long that lasts is known when a day is over.';
  const rate = `The last trading days took ${bytesWords(bytesPerDay)} each`;
  if (tradingDaysLeft === null) return `${rate}; with what is dropped meanwhile, that lasts.`;
  return `${rate}: that lasts for about ${tradingDaysLeft} more.`;
}
