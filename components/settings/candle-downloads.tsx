'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Answer as ApiAnswer } from '../../lib/api/operations.ts';
import { ask, send } from '../../lib/client/api.ts';
import { asProblem } from '../../lib/client/problem.ts';
import { formatWhole } from '../../lib/heatmap/format.ts';
import { Answer } from '../shell/answer.tsx';
import { Action, Outcome, Panel } from '../shell/form-parts.tsx';
import { useMe } from '../shell/use-me.ts';

type Downloads = ApiAnswer<'/api/orderflow/candles/downloads'>;
type Download = Downloads['downloads'][number];

const LOOK_MS = 2000;
const IDLE_LOOK_MS = 30_000;
const KEY = ['candle downloads'];

/** The brokers' historical candles: what is being downloaded, how far it has come, and the way to stop it and to go on. */
export function CandleDownloads() {
  const query = useQuery({
    queryKey: KEY,
    queryFn: async () => (await ask<Downloads>('/api/orderflow/candles/downloads')).downloads,
    refetchInterval: ({ state }) => (state.data?.some((one) => one.state === 'waiting') ? LOOK_MS : IDLE_LOOK_MS),
  });
  const client = useQueryClient();
  const role = useMe()?.role;
  const [said, setSaid] = useState<{ readonly fault: string | null; readonly done: string | null }>({
    fault: null,
    done: null,
  });
  const act = useMutation({
    mutationFn: ({ id, what }: { readonly id: number; readonly what: 'cancel' | 'resume' }) =>
      send('POST', `/api/orderflow/candles/downloads/${what}`, { id }),
    onSuccess: (_answer, { what }) =>
      setSaid({ fault: null, done: what === 'cancel' ? 'Cancelled. What has come is kept.' : 'It goes on.' }),
    onError: (error) => setSaid({ fault: asProblem(error).detail, done: null }),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
  return (
    <Panel title="Candles of the brokers">
      <p className="text-muted">
        For the time before recording began. To have more:{' '}
        <code className="font-mono text-[12px] break-all">
          ./gehra candles NFO:NIFTY26DECFUT --from 2026-10-01 --to 2026-11-25
        </code>
      </p>
      <Outcome {...said} />
      <Answer query={query} what="the downloads">
        {(downloads) =>
          downloads.length === 0 ? (
            <p className="mt-2">Nothing was downloaded yet.</p>
          ) : (
            <div className="mt-2 divide-y divide-line">
              {downloads.map((one) => (
                <DownloadLine
                  key={one.id}
                  download={one}
                  mayChange={role === 'owner' && !act.isPending}
                  onAct={(what) => act.mutate({ id: one.id, what })}
                />
              ))}
            </div>
          )
        }
      </Answer>
    </Panel>
  );
}

interface LineProps {
  readonly download: Download;
  readonly mayChange: boolean;
  onAct(what: 'cancel' | 'resume'): void;
}

function DownloadLine({ download, mayChange, onAct }: LineProps) {
  const { instrument, source, interval, from, to, state, progress, received, refused, failure } = download;
  const percent = Math.floor(100 * progress);
  return (
    <div className="grid items-center gap-x-4 gap-y-0.5 py-1.5 sm:grid-cols-[minmax(0,14rem)_8rem_minmax(0,1fr)_auto]">
      <span className="break-words font-medium">{instrument}</span>
      <span className="flex items-center gap-2">
        <progress
          aria-label={`Download of ${instrument}, ${interval}`}
          value={percent}
          max={100}
          className="h-2 w-16 accent-bid"
        />
        <span className="font-mono tabular-nums">{`${percent} %`}</span>
      </span>
      <span className="text-muted">
        {`${interval} of ${source === 'kite' ? 'Kite' : 'Dhan'}, ${from.slice(0, 10)} to ${to.slice(0, 10)}, ${formatWhole(received)} candles`}
        {refused > 0 ? `, ${formatWhole(refused)} not believed` : ''}
        {failure ? (
          <span className={state === 'failed' ? 'block text-fault' : 'block text-warn'}>{failure}</span>
        ) : null}
      </span>
      {mayChange && (state === 'waiting' || state === 'cancelled') ? (
        <Action className="justify-self-start" onClick={() => onAct(state === 'waiting' ? 'cancel' : 'resume')}>
          {state === 'waiting' ? 'Cancel' : 'Go on'}
          <span className="sr-only">
            {state === 'waiting'
              ? ` the download of ${instrument}, ${interval}`
              : ` with the download of ${instrument}, ${interval}`}
          </span>
        </Action>
      ) : null}
    </div>
  );
}
