'use client';

import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { fetchConnections } from '../../lib/client/connections.ts';
import { BROKER_NAMES } from '../../lib/core/broker-problems.ts';
import type { BrokerConnection } from '../../lib/core/connections.ts';
import { formatIstMinute } from '../../lib/core/ist.ts';
import { istTime, timeLeft } from './words.ts';

/** How often it is asked whether ticks come, ms. */
const ASK_MS = 1000;

/** Back from a broker, on whatever page: what is connected, until when, and whether ticks come. */
export function ConnectedNotice() {
  const router = useRouter();
  const path = usePathname();
  const parameters = useSearchParams();
  const broker = parameters.get('connected');
  const [closed, setClosed] = useState(false);
  // The page Connections says it all itself.
  const shown = (broker === 'kite' || broker === 'dhan') && path !== '/connections' && !closed;
  const { data } = useQuery({
    queryKey: ['connections'],
    queryFn: ({ signal }) => fetchConnections(signal),
    refetchInterval: ASK_MS,
    staleTime: 0,
    enabled: shown,
  });
  if (!shown) return null;
  const connection = data?.brokers.find((one) => one.broker === broker);
  const close = (): void => {
    setClosed(true);
    const rest = new URLSearchParams(parameters);
    rest.delete('connected');
    router.replace(rest.size > 0 ? `${path}?${rest}` : path, { scroll: false });
  };
  return (
    <div
      role="status"
      className="fixed inset-x-3 bottom-10 z-50 mx-auto flex max-w-md items-start gap-3 rounded-lg border border-up bg-raised px-4 py-3 shadow-lg"
    >
      <div className="grow">
        <p className="font-semibold">{BROKER_NAMES[broker]} is connected</p>
        {connection && data ? <Facts connection={connection} nowMs={data.nowMs} /> : null}
      </div>
      <button
        type="button"
        aria-label="Close the notice"
        onClick={close}
        className="rounded p-1 text-muted hover:bg-hover"
      >
        <X aria-hidden="true" className="size-4" />
      </button>
    </div>
  );
}

function Facts({ connection, nowMs }: { connection: BrokerConnection; nowMs: number }) {
  const { account, expiresMs, ticksSinceMs } = connection;
  return (
    <>
      <p className="text-muted">
        {account ? `Account ${account}. ` : ''}
        {expiresMs === null ? '' : `Until ${formatIstMinute(expiresMs)} IST, in ${timeLeft(expiresMs - nowMs)}.`}
      </p>
      <p>
        {ticksSinceMs === null ? 'Waiting for the first tick…' : `First tick received at ${istTime(ticksSinceMs)} IST.`}
      </p>
    </>
  );
}
