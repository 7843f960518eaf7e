'use client';

import { useQuery } from '@tanstack/react-query';
import type { Answer as ApiAnswer } from '../../lib/api/operations.ts';
import { ask } from '../../lib/client/api.ts';
import { formatWhole } from '../../lib/heatmap/format.ts';
import { Answer } from '../shell/answer.tsx';
import { Panel } from '../shell/form-parts.tsx';

type Downloads = ApiAnswer<'/api/orderflow/candles/downloads'>;
type Download = Downloads['downloads'][number];

const LOOK_MS = 2000;
const IDLE_LOOK_MS = 30_000;

/** The brokers' historical candles: what is being downloaded, and how far it has come. */
export function CandleDownloads() {
  const query = useQuery({
    queryKey: ['candle downloads'],
    queryFn: async () => (await ask<Downloads>('/api/orderflow/candles/downloads')).downloads,
    refetchInterval: ({ state }) => (state.data?.some((one) => one.state === 'waiting') ? LOOK_MS : IDLE_LOOK_MS),
  });
  return (
    <Panel title="Candles of the brokers">
      <p className="text-muted">
        For the time before recording began. To have more:{' '}
        <code className="font-mono text-[12px] break-all">
          ./gehra candles NFO:NIFTY26DECFUT --from 2026-10-01 --to 2026-11-25
        </code>
      </p>
      <Answer query={query} what="the downloads">
        {(downloads) =>
          downloads.length === 0 ? (
            <p className="mt-2">Nothing was downloaded yet.</p>
          ) : (
            <div className="mt-2 divide-y divide-line">
              {downloads.map((one) => (
                <DownloadLine key={one.id} download={one} />
              ))}
            </div>
          )
        }
      </Answer>
    </Panel>
  );
}

function DownloadLine({ download }: { readonly download: Download }) {
  const { instrument, source, interval, from, to, state, progress, received, refused, failure } = download;
  const percent = Math.floor(100 * progress);
  return (
    <div className="grid items-center gap-x-4 gap-y-0.5 py-1.5 sm:grid-cols-[minmax(0,14rem)_8rem_minmax(0,1fr)]">
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
    </div>
  );
}
