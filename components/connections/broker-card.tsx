'use client';

import clsx from 'clsx';
import Link from 'next/link';
import { useSearchParams } from 'next/navigation';
import { type ReactNode, Suspense, useId, useState } from 'react';
import { disconnect, loginPath, renewDhan, testFeed } from '../../lib/client/connections.ts';
import { asProblem } from '../../lib/client/problem.ts';
import { BROKER_NAMES } from '../../lib/core/broker-problems.ts';
import type { BrokerConnection } from '../../lib/core/connections.ts';
import { formatIstMinute } from '../../lib/core/ist.ts';
import { CopyButton } from '../shell/copy-button.tsx';
import { FeedTable } from './feed-table.tsx';
import { PasteToken } from './paste-token.tsx';
import { isClosed, isConnected, istTime, STATE_WORDS, timeLeft } from './words.ts';

interface Props {
  readonly connection: BrokerConnection;
  readonly nowMs: number;
  /** False for a viewer. */
  readonly mayChange: boolean;
  onChanged(): void;
}

export const BUTTON = 'rounded border border-edge px-3 py-1 hover:bg-hover disabled:cursor-default disabled:text-faint';

export function BrokerCard({ connection, nowMs, mayChange, onChanged }: Props) {
  const { broker, configured, feeds, notes, redirectUrl, missingSettings } = connection;
  const headingId = useId();
  return (
    <section aria-labelledby={headingId} className="rounded-lg border border-line bg-panel p-4">
      <div className="flex flex-wrap items-center gap-3">
        <h2 id={headingId} className="text-base font-semibold">
          {BROKER_NAMES[broker]}
        </h2>
        <Badge connection={connection} />
      </div>
      <Token connection={connection} nowMs={nowMs} />
      {configured ? null : (
        <p className="mt-2 text-muted">
          There is no account of {BROKER_NAMES[broker]} in the configuration: set {missingSettings.join(', ')}.
          {broker === 'dhan' ? ' Depth beyond 5 levels a side, 20 and 200, comes from Dhan alone; Kite gives 5.' : ''}
        </p>
      )}
      {mayChange && configured ? <Actions connection={connection} onChanged={onChanged} /> : null}
      {mayChange ? null : <p className="mt-3 text-muted">To connect or disconnect takes the role owner.</p>}
      {feeds.length > 0 ? <FeedTable feeds={feeds} /> : null}
      {configured && feeds.length === 0 ? <NoFeeds connected={isConnected(connection)} /> : null}
      {mayChange ? <RedirectUrl broker={broker} url={redirectUrl} /> : null}
      {notes.length > 0 ? (
        <div className="mt-4">
          <h3 className="font-semibold">Lately</h3>
          <ul className="mt-1 grid gap-1">
            {notes.map(({ timeMs, words, failed }) => (
              <li key={`${timeMs} ${words}`} className={failed ? 'text-ink' : 'text-muted'}>
                <span className="font-mono text-muted">{formatIstMinute(timeMs)}</span>{' '}
                {failed ? <strong className="font-semibold">Failed: </strong> : null}
                {words}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </section>
  );
}

function Badge({ connection }: Pick<Props, 'connection'>) {
  const { state, ticksSinceMs } = connection;
  const closed = isClosed(connection);
  const good = state === 'valid' && ticksSinceMs !== null;
  const calm = state === 'missing' || (state === 'valid' && closed);
  return (
    <span
      className={clsx(
        'rounded border px-2 py-0.5 font-medium',
        good ? 'border-up text-up' : calm ? 'border-edge text-muted' : 'border-warn text-warn',
      )}
    >
      {state !== 'valid' || good ? STATE_WORDS[state] : closed ? 'Market closed' : 'Token valid, no data'}
    </span>
  );
}

/** Nothing is asked of a broker as long as no watchlist asks for anything; the first one is made by itself. */
function NoFeeds({ connected }: { connected: boolean }) {
  return (
    <p className="mt-4 text-muted">
      No feed of this broker is running:{' '}
      {connected ? (
        <>
          no{' '}
          <Link href="/instruments" prefetch={false} className="text-best-bid underline">
            watchlist
          </Link>{' '}
          asks it for anything yet. The first one is made by itself once the list of instruments has been loaded.
        </>
      ) : (
        'log in first. Then its list of instruments is loaded, and the first watchlist is made by itself.'
      )}
    </p>
  );
}

function Token({ connection, nowMs }: Pick<Props, 'connection' | 'nowMs'>) {
  const { detail, account, accountName, expiresMs, consumerType, ticksSinceMs } = connection;
  const alive = isConnected(connection);
  return (
    <>
      {alive ? null : (
        <p className="mt-2" role="status">
          {detail.charAt(0).toUpperCase() + detail.slice(1)}.
        </p>
      )}
      <dl className="mt-2 grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1">
        {account ? <Fact name="Account">{accountName ? `${account} (${accountName})` : account}</Fact> : null}
        {expiresMs !== null && alive ? (
          <Fact name="Token ends">
            {formatIstMinute(expiresMs)} IST, in {timeLeft(expiresMs - nowMs)}
          </Fact>
        ) : null}
        {consumerType ? <Fact name="Token type">{consumerType}</Fact> : null}
        <Fact name="Ticks">
          {ticksSinceMs === null
            ? isClosed(connection)
              ? 'none while the market is closed'
              : 'none yet'
            : `first tick received at ${istTime(ticksSinceMs)} IST`}
        </Fact>
      </dl>
      {consumerType === 'APP' ? (
        <p className="mt-2 rounded border border-warn px-3 py-2">
          Tokens of type APP are reported to get no 200-level depth. If it stays away, paste a token made on
          web.dhan.co.
        </p>
      ) : null}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="break-words">{children}</dd>
    </>
  );
}

type Doing = 'disconnect' | 'renew' | 'test';

function Actions({ connection, onChanged }: Pick<Props, 'connection' | 'onChanged'>) {
  const { broker, state, missingSettings } = connection;
  const [doing, setDoing] = useState<Doing | null>(null);
  const [said, setSaid] = useState<{ words: string; failed: boolean } | null>(null);
  const there = state !== 'missing';

  const run = (what: Doing, work: () => Promise<string>): void => {
    setDoing(what);
    setSaid(null);
    void work()
      .then((words) => setSaid({ words, failed: false }))
      .catch((error: unknown) => setSaid({ words: asProblem(error).detail, failed: true }))
      .finally(() => {
        setDoing(null);
        onChanged();
      });
  };
  const feed = broker === 'kite' ? 'ticks' : 'depth200';
  return (
    <>
      <div className="mt-3 flex flex-wrap gap-2">
        {missingSettings.length === 0 ? (
          <Suspense fallback={null}>
            <ConnectLink broker={broker} again={there} />
          </Suspense>
        ) : (
          <p className="basis-full text-muted">
            To log in from here, set {missingSettings.join(' and ')} and start Gehra again.
          </p>
        )}
        <button
          type="button"
          className={BUTTON}
          disabled={!there || doing !== null}
          onClick={() =>
            run('test', async () => {
              const { outcome, words } = await testFeed(broker, feed);
              return outcome === 'ok' ? `It works: ${words}.` : `It does not work (${outcome}): ${words}.`;
            })
          }
        >
          {doing === 'test' ? 'Testing for 10 s…' : broker === 'kite' ? 'Test ticks' : 'Test 200 levels'}
        </button>
        {broker === 'dhan' ? (
          <button
            type="button"
            className={BUTTON}
            disabled={!there || doing !== null}
            onClick={() => run('renew', async () => (await renewDhan()).message)}
          >
            Renew
          </button>
        ) : null}
        <button
          type="button"
          className={BUTTON}
          disabled={!there || doing !== null}
          onClick={() => run('disconnect', async () => (await disconnect(broker)).message)}
        >
          Disconnect
        </button>
      </div>
      <p
        role="status"
        className={clsx('mt-2', said ? '' : 'sr-only', said?.failed && 'rounded border border-down px-3 py-2')}
      >
        {said?.words}
      </p>
      {broker === 'dhan' ? <PasteToken onPasted={onChanged} /> : null}
    </>
  );
}

/** A plain link: it leads to the broker's page at once, also where scripts fail. */
function ConnectLink({ broker, again }: { broker: BrokerConnection['broker']; again: boolean }) {
  const from = useSearchParams().get('from');
  return (
    <a
      href={loginPath(broker, from ?? '/connections')}
      className="rounded border border-best-bid px-3 py-1 font-medium text-best-bid hover:bg-hover"
    >
      {again ? 'Connect again' : 'Connect'}
      <span className="sr-only"> {BROKER_NAMES[broker]}</span>
    </a>
  );
}

function RedirectUrl({ broker, url }: { broker: BrokerConnection['broker']; url: string }) {
  return (
    <div className="mt-4">
      <p className="text-muted">Redirect URL to register at {BROKER_NAMES[broker]}:</p>
      <div className="mt-1 flex flex-wrap items-center gap-2">
        <code className="rounded bg-raised px-2 py-1 font-mono break-all">{url}</code>
        <CopyButton text={url} label={`Copy the redirect URL of ${BROKER_NAMES[broker]}`} />
      </div>
    </div>
  );
}
