'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useEffect, useState } from 'react';
import { fetchConnections } from '../../lib/client/connections.ts';
import { asProblem } from '../../lib/client/problem.ts';
import { BROKER_NAMES, type BrokerProblem, problemWords } from '../../lib/core/broker-problems.ts';
import type { Connections } from '../../lib/core/connections.ts';
import type { Broker } from '../../lib/core/feeds.ts';
import { BrokerCard } from './broker-card.tsx';
import { type LoginResult, useLoginResult } from './use-login-result.ts';
import { isConnected } from './words.ts';

/** How often the page asks, ms. */
const ASK_MS = 1500;

export function ConnectionsPage(login: LoginResult) {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['connections'],
    queryFn: ({ signal }) => fetchConnections(signal),
    refetchInterval: ASK_MS,
    staleTime: 0,
  });
  const { result, forget } = useLoginResult(login, data !== undefined);
  return (
    <>
      {result.failed ? <Failed {...result.failed} /> : null}
      {data?.brokers.some((one) => one.broker === result.connected && isConnected(one)) && result.connected ? (
        <p role="status" className="mb-4 rounded border border-up px-3 py-2 font-semibold">
          {BROKER_NAMES[result.connected]} is connected.
        </p>
      ) : null}
      {error ? (
        <Trouble
          detail={asProblem(error).detail}
          signedOut={asProblem(error).signedOut}
          onRetry={() => void refetch()}
        />
      ) : null}
      {isPending ? <p className="py-6 text-center text-muted">Loading connections…</p> : null}
      {data ? (
        <Brokers
          data={data}
          onChanged={() => {
            forget();
            void refetch();
          }}
        />
      ) : null}
    </>
  );
}

function Brokers({ data, onChanged }: { data: Connections; onChanged(): void }) {
  const nowMs = useServerTime(data.nowMs);
  return (
    <>
      <WrongAddress appUrl={data.appUrl} />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {data.brokers.map((broker) => (
          <BrokerCard
            key={broker.broker}
            connection={broker}
            nowMs={nowMs}
            mayChange={data.mayChange}
            onChanged={onChanged}
          />
        ))}
      </div>
    </>
  );
}

/** The server's time now, ms, going on between its answers. */
function useServerTime(serverMs: number): number {
  const [offsetMs, setOffsetMs] = useState(() => serverMs - Date.now());
  const [, setTick] = useState(0);
  useEffect(() => setOffsetMs(serverMs - Date.now()), [serverMs]);
  useEffect(() => {
    const timer = setInterval(() => setTick((tick) => tick + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return Date.now() + offsetMs;
}

/** A login comes back to the configured address: begun under another name, its cookie would stay behind. */
function WrongAddress({ appUrl }: { appUrl: string }) {
  const [here, setHere] = useState<string | null>(null);
  useEffect(() => setHere(window.location.origin), []);
  if (here === null || here === new URL(appUrl).origin) return null;
  return (
    <p className="mb-4 rounded border border-warn px-3 py-2">
      This page was opened at {here}, and brokers send you back to {appUrl}. To log in,{' '}
      <a href={`${appUrl}/connections`} className="text-best-bid underline">
        open it there
      </a>
      .
    </p>
  );
}

function Failed({ broker, problem }: { broker: Broker; problem: BrokerProblem }) {
  const { happened, toDo } = problemWords(broker, problem);
  return (
    <div role="alert" className="mb-4 rounded border border-down px-3 py-2">
      <p className="font-semibold">{happened}</p>
      <p className="mt-1">{toDo}</p>
    </div>
  );
}

function Trouble({ detail, signedOut, onRetry }: { detail: string; signedOut: boolean; onRetry(): void }) {
  return (
    <div role="alert" className="mb-4 flex items-center gap-3 rounded border border-down px-3 py-2">
      {signedOut ? (
        <span>
          You are signed out.{' '}
          <Link href="/login" prefetch={false} className="text-best-bid underline">
            Sign in
          </Link>
        </span>
      ) : (
        <>
          <span>The connections could not be loaded: {detail}</span>
          <button type="button" onClick={onRetry} className="rounded border border-edge px-2 hover:bg-hover">
            Try again
          </button>
        </>
      )}
    </div>
  );
}
