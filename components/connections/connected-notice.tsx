'use client';

import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { usePathname, useSearchParams } from 'next/navigation';
import { useEffect, useState } from 'react';
import { dropParameters } from '../../lib/client/address.ts';
import { fetchConnections } from '../../lib/client/connections.ts';
import { BROKER_NAMES } from '../../lib/core/broker-problems.ts';
import type { BrokerConnection } from '../../lib/core/connections.ts';
import { formatIstMinute } from '../../lib/core/ist.ts';
import { isConnected, istTime, timeLeft } from './words.ts';

/** How often it is asked whether ticks come, ms. */
const ASK_MS = 1000;

/** Back from a broker, on whatever page: what is connected, until when, and whether ticks come. */
export function ConnectedNotice() {
  const path = usePathname();
  const [broker, setBroker] = useState(useSearchParams().get('connected'));
  // The page Connections says it all itself.
  const elsewhere = path !== '/connections';
  const shown = (broker === 'kite' || broker === 'dhan') && elsewhere;
  const { data } = useQuery({
    queryKey: ['connections'],
    queryFn: ({ signal }) => fetchConnections(signal),
    refetchInterval: ASK_MS,
    staleTime: 0,
    enabled: shown,
  });
  const connection = data?.brokers.find((one) => one.broker === broker);
  useEffect(() => {
    if (!elsewhere) setBroker(null);
    else if (connection) dropParameters(['connected']);
  }, [elsewhere, connection]);
  // Whoever disconnects meanwhile, or loads the page again a day later, is told nothing that is not so.
  if (!shown || !data || !connection || !isConnected(connection)) return null;
  return (
    <div
      role="status"
      className="fixed inset-x-3 bottom-10 z-50 mx-auto flex max-w-md items-start gap-3 rounded-lg border border-up bg-raised px-4 py-3 shadow-lg"
    >
      <div className="grow">
        <p className="font-semibold">{BROKER_NAMES[broker]} is connected</p>
        <Facts connection={connection} nowMs={data.nowMs} />
      </div>
      <button
        type="button"
        aria-label="Close the notice"
        onClick={() => setBroker(null)}
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
