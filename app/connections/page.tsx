import type { Metadata } from 'next';
import { ConnectionsPage } from '../../components/connections/connections-page.tsx';
import { SiteHeader } from '../../components/shell/site-header.tsx';
import { isBrokerProblem } from '../../lib/core/broker-problems.ts';
import type { Broker } from '../../lib/core/feeds.ts';
import { pageCaller } from '../page-caller.ts';

export const metadata: Metadata = { title: 'Connections' };

interface Props {
  readonly searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function Connections({ searchParams }: Props) {
  await pageCaller();
  const { broker, problem, connected } = await searchParams;
  const of = brokerOf(broker);
  const failed = of && typeof problem === 'string' && isBrokerProblem(problem) ? { broker: of, problem } : null;
  return (
    <>
      <SiteHeader />
      <main className="mx-auto w-full max-w-4xl px-4 py-6">
        <h1 className="text-lg font-semibold">Connections</h1>
        <p className="mt-1 mb-4 text-muted">
          The brokers that market data comes from. Kite asks for a login each trading day; Dhan’s token is renewed by
          itself.
        </p>
        <ConnectionsPage failed={failed} connected={brokerOf(connected)} />
      </main>
    </>
  );
}

const brokerOf = (text: string | string[] | undefined): Broker | null =>
  text === 'kite' || text === 'dhan' ? text : null;
