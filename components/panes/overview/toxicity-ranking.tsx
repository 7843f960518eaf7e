'use client';

import { useQuery } from '@tanstack/react-query';
import { askMarket } from '../../../lib/client/market-data.ts';
import { formatSigned } from '../../../lib/heatmap/format.ts';
import { Answer } from '../../shell/answer.tsx';
import { isUnderlying } from './underlying.ts';

const RANKING_MS = 15_000;

/** Contracts of the underlying by how much flow has moved their price in the last five minutes. */
export function ToxicityRanking({ underlying }: { readonly underlying: string }) {
  return (
    <section aria-label="Toxicity" className="mt-4">
      <h2 className="mb-1 font-semibold">Toxicity</h2>
      {isUnderlying(underlying) ? (
        <Ranking underlying={underlying} />
      ) : (
        <p className="text-muted">Ranked are the contracts of an underlying; {underlying} is none.</p>
      )}
    </section>
  );
}

function Ranking({ underlying }: { readonly underlying: string }) {
  const ranking = useQuery({
    queryKey: ['overview toxicity', underlying],
    queryFn: ({ signal }) => askMarket('/api/orderflow/toxicity', { underlying }, { signal }),
    refetchInterval: RANKING_MS,
  });
  return (
    <Answer query={ranking} what="the ranking">
      {({ ranked_instruments, toxicity_trend }) =>
        ranked_instruments.length === 0 ? (
          <p className="text-muted">Nothing of {underlying} has traded in the last five minutes.</p>
        ) : (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys
          <section aria-label="Toxicity ranking" tabIndex={0} className="overflow-x-auto">
            <p className="text-[11.5px] text-muted">
              Trend {toxicity_trend.direction.toLowerCase()}. Flow intensity × depth toxicity, means of ticks on which
              something traded; experimental.
            </p>
            <table className="w-full font-mono text-[11.5px] tabular-nums">
              <thead className="text-[10.5px] text-muted">
                <tr>
                  {['#', 'Contract', 'Kyle λ (tick)', 'Flow', 'Depth', 'Consumed', 'CVD change', 'Trend'].map(
                    (title) => (
                      <th key={title} scope="col" className="px-1.5 py-1 text-right font-normal">
                        {title}
                      </th>
                    ),
                  )}
                </tr>
              </thead>
              <tbody>
                {ranked_instruments.map((it) => (
                  <tr key={it.trading_symbol} className="border-t border-line">
                    <td className="px-1.5 text-right">{it.rank}</td>
                    <th scope="row" className="px-1.5 text-right font-normal">
                      {it.trading_symbol}
                    </th>
                    {[it.kyle_lambda, it.flow_intensity, it.depth_toxicity, it.consumption_rate].map((value, at) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: columns do not move
                      <td key={at} className="px-1.5 text-right">
                        {value === null ? '–' : value.toPrecision(3)}
                      </td>
                    ))}
                    <td className="px-1.5 text-right">{formatSigned(it.cvd_change, 0)}</td>
                    <td className="px-1.5 text-right">{it.trend}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )
      }
    </Answer>
  );
}
