'use client';

import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import type { BacktestResult } from '../../lib/api/backtests.ts';
import { ask } from '../../lib/client/api.ts';
import { isEnded } from '../../lib/core/backtests.ts';
import { formatWhole } from '../../lib/heatmap/format.ts';
import { HORIZONS_S } from '../../lib/signals/outcome.ts';
import { fieldClass } from '../instruments/form-parts.tsx';
import { Answer } from '../shell/answer.tsx';
import { Panel } from '../shell/form-parts.tsx';
import { choiceWords, daysWords, differencesOf, titleOf } from './backtest-words.ts';
import { comparisonWords, hitWords, horizonWords, type ReportGroup, signed } from './report-words.ts';
import { kindTitle } from './signal-words.ts';

/** While it is under way, ms. */
const LOOK_MS = 2000;
const VERDICTS = { beats: 'beats', does_not_beat: 'does not beat', too_few: 'too few' } as const;
const CELL = 'px-2 py-1';

/** One backtest in full, or two side by side. @param ids one or two */
export function BacktestResults({ ids }: { readonly ids: readonly number[] }) {
  const [horizonS, setHorizonS] = useState<number>(HORIZONS_S[2]);
  const queries = useQueries({
    queries: ids.map((id) => ({
      queryKey: ['backtest', id],
      queryFn: () => ask<BacktestResult>(`/api/signals/backtests/result?id=${id}`),
      refetchInterval: ({ state }: { state: { data?: BacktestResult | undefined } }) =>
        state.data && isEnded(state.data.backtest.state) ? (false as const) : LOOK_MS,
    })),
  });
  const [left, right] = queries.map(({ data }) => data);
  return (
    <>
      <label className="mt-6 flex items-center gap-2">
        What signals were worth after
        <select value={horizonS} onChange={({ target }) => setHorizonS(Number(target.value))} className={fieldClass}>
          {HORIZONS_S.map((seconds) => (
            <option key={seconds} value={seconds}>
              {horizonWords(seconds)}
            </option>
          ))}
        </select>
      </label>
      {left && right ? <SideBySide left={left} right={right} horizonS={horizonS} /> : null}
      {ids.map((id, i) => (
        <Answer key={id} query={queries[i] as (typeof queries)[number]} what={`backtest ${id}`}>
          {(result) => <Result result={result} horizonS={horizonS} />}
        </Answer>
      ))}
    </>
  );
}

function Result({ result, horizonS }: { readonly result: BacktestResult; readonly horizonS: number }) {
  const { backtest, days } = result;
  const groups = result.groups.filter((group) => group.horizonS === horizonS);
  return (
    <Panel title={titleOf(backtest)}>
      <p className="break-words text-muted">{`${daysWords(backtest)} · ${choiceWords(backtest)}`}</p>
      {backtest.hash === null ? null : (
        <p className="break-all">
          SHA-256 of its signals: <span className="font-mono text-[11.5px]">{backtest.hash}</span>
        </p>
      )}
      <Table title="Days" columns={['', 'Out of', 'Entries', 'Signals', 'Live']}>
        {days.map(({ date, source, entries, signals, hash, live }) => (
          <Row key={date} name={date}>
            {[
              source ?? 'nothing recorded',
              formatWhole(entries),
              formatWhole(signals),
              live === null ? '–' : live.hash === hash ? 'the same' : `others, ${formatWhole(live.signals)}`,
            ]}
          </Row>
        ))}
      </Table>
      {groups.length === 0 ? (
        <p className="mt-3 text-muted">No signal so far.</p>
      ) : (
        <>
          <Table
            title={`What they were worth after ${horizonWords(horizonS)}`}
            columns={[
              '',
              'Signals',
              'N',
              'Hits',
              'Random hits',
              'Median ticks',
              'Median bps',
              'Random bps',
              'Base rate',
            ]}
          >
            {groups.map((group) => (
              <Row key={nameOf(group)} name={nameOf(group)}>
                {[
                  formatWhole(countOf(group)),
                  formatWhole(group.signals.n),
                  hitWords(group.signals),
                  hitWords(group.random),
                  signed(group.signals.medianTicks),
                  signed(group.signals.medianBps),
                  signed(group.random.medianBps),
                  VERDICTS[group.verdict],
                ]}
              </Row>
            ))}
          </Table>
          <p className="mt-3 max-w-prose text-muted">
            {`${comparisonWords(result)} Whoever tries parameters until one looks good has made more comparisons than are counted here: try the choice on days that it was not made on.`}
          </p>
        </>
      )}
      {result.rules && result.rules.length > 0 ? <RulesTold rules={result.rules} horizonS={horizonS} /> : null}
    </Panel>
  );
}

interface RulesToldProps {
  readonly rules: NonNullable<BacktestResult['rules']>;
  readonly horizonS: number;
}

/** What the rules, as they stand now, would have told of it. */
function RulesTold({ rules, horizonS }: RulesToldProps) {
  return (
    <>
      <Table
        title="What the rules would have told of it"
        columns={['', 'Occasions', 'Told', 'A day', 'Measured', 'Median bps', 'Random bps']}
      >
        {rules.map(({ id, name, isOn, days, perDay, outcomes }) => {
          const outcome = outcomes?.find((one) => one.horizonS === horizonS);
          return (
            <Row key={id} name={isOn ? name : `${name} (off)`}>
              {[
                formatWhole(sum(days.map(({ matched }) => matched))),
                formatWhole(sum(days.map(({ fired }) => fired))),
                perDay === null ? '–' : perDay.toFixed(1),
                formatWhole(outcome?.signals ?? 0),
                signed(outcome?.medianBps ?? null),
                signed(outcome?.randomMedianBps ?? null),
              ]}
            </Row>
          );
        })}
      </Table>
      {rules.some(({ isCut }) => isCut) ? (
        <p className="mt-1 text-warn">There were more signals than rules are held to: the newest are missing.</p>
      ) : null}
    </>
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

interface SideBySideProps {
  readonly left: BacktestResult;
  readonly right: BacktestResult;
  readonly horizonS: number;
}

/** What differs between two, in what was asked and in what came out. */
function SideBySide({ left, right, horizonS }: SideBySideProps) {
  const sides = [left, right].map(
    ({ groups }) => new Map(groups.filter((one) => one.horizonS === horizonS).map((one) => [nameOf(one), one])),
  );
  const [ofLeft, ofRight] = sides as [Map<string, ReportGroup>, Map<string, ReportGroup>];
  const [a, b] = [left.backtest, right.backtest];
  const options = [differencesOf(a), differencesOf(b)] as const;
  const differing = [...new Set([...options[0].keys(), ...options[1].keys()])]
    .filter((name) => options[0].get(name) !== options[1].get(name))
    .toSorted();
  const same = a.hash !== null && a.hash === b.hash;
  return (
    <Panel title={`${titleOf(a)} beside ${titleOf(b)}`}>
      <p>{same ? 'They found the same signals, to the byte.' : 'They found different signals.'}</p>
      {daysWords(a) === daysWords(b) ? null : (
        <p className="text-warn">{`They are of different days: ${daysWords(a)}, and ${daysWords(b)}.`}</p>
      )}
      {differing.length === 0 ? (
        <p className="text-muted">Their parameters are the same.</p>
      ) : (
        <Table title="Parameters that differ" columns={['', String(a.id), String(b.id)]}>
          {differing.map((name) => (
            <Row key={name} name={name}>
              {options.map((of) => String(of.get(name) ?? 'as live'))}
            </Row>
          ))}
        </Table>
      )}
      <Table
        title={`What they found, after ${horizonWords(horizonS)}`}
        columns={['', ...[a, b].flatMap(({ id }) => [`Signals, ${id}`, `Hits, ${id}`, `Median bps, ${id}`])]}
      >
        {[...new Set([...ofLeft.keys(), ...ofRight.keys()])].toSorted().map((name) => (
          <Row key={name} name={name}>
            {[ofLeft.get(name), ofRight.get(name)].flatMap((group) =>
              group
                ? [formatWhole(countOf(group)), hitWords(group.signals), signed(group.signals.medianBps)]
                : ['0', '–', '–'],
            )}
          </Row>
        ))}
      </Table>
    </Panel>
  );
}

const nameOf = ({ kind, detectors }: ReportGroup): string =>
  detectors === 'own' ? kindTitle(kind) : `${kindTitle(kind)} (predecessor’s)`;

/** With those that have no outcome. */
const countOf = ({ signals, missing }: ReportGroup): number =>
  signals.n + missing.outside_session + missing.gap + missing.no_book;

interface TableProps {
  readonly title: string;
  readonly columns: readonly string[];
  readonly children: React.ReactNode;
}

function Table({ title, columns, children }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is scrolled sideways is scrolled by keyboard too
    <section aria-label={title} tabIndex={0} className="mt-3 overflow-x-auto">
      <table className="w-full text-right font-mono tabular-nums">
        <caption className="py-1 text-left font-sans font-medium">{title}</caption>
        <thead className="font-sans text-muted">
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col" className={`${CELL} font-normal whitespace-nowrap first:text-left`}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

function Row({ name, children }: { readonly name: string; readonly children: readonly string[] }) {
  return (
    <tr className="border-t border-line whitespace-nowrap">
      <th scope="row" className={`${CELL} text-left font-sans font-normal`}>
        {name}
      </th>
      {children.map((cell, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the columns stay where they are
        <td key={i} className={CELL}>
          {cell}
        </td>
      ))}
    </tr>
  );
}
