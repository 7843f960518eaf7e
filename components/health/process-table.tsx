import { type Rates, rateKey } from '../../lib/client/health-rates.ts';
import type { StageLine } from '../../lib/core/health.ts';
import { Panel } from '../shell/form-parts.tsx';
import { figureName, figureWords } from './figure-words.ts';
import { StateMark } from './state-mark.tsx';

const CELL = 'py-1.5 pr-4 text-right tabular-nums last:pr-0';

/** What each process takes of the machine. */
export function ProcessTable({ processes, rates }: { processes: readonly StageLine[]; rates: Rates }) {
  const names = processes[0]?.figures.map(({ name }) => name) ?? [];
  return (
    <Panel title="Processes">
      {processes.length === 0 ? <p className="text-muted">None has told anything of itself.</p> : null}
      {processes.length > 0 ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: on a phone it is wider than the screen, and scrolled by keys too
        <section className="overflow-x-auto" tabIndex={0} aria-label="Table of processes">
          <table className="w-full text-left whitespace-nowrap">
            <thead className="text-muted">
              <tr>
                <th className="py-1 pr-4 font-normal">Process</th>
                <th className="py-1 pr-4 font-normal">Since</th>
                {names.map((name) => (
                  <th key={name} className="py-1 pr-4 text-right font-normal last:pr-0">
                    {figureName(name)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {processes.map(({ name, state, words, figures }) => (
                <tr key={name} className="border-t border-line">
                  <td className="py-1.5 pr-4">
                    <span className="flex items-center gap-1.5">
                      <StateMark state={state} brief />
                      {name}
                    </span>
                  </td>
                  <td className="py-1.5 pr-4">{words}</td>
                  {figures.map((figure) => (
                    <td key={figure.name} className={CELL}>
                      {figureWords(figure, rates.get(rateKey('process', name, figure.name)))}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : null}
    </Panel>
  );
}
