'use client';

import clsx from 'clsx';
import { ChevronDown, ChevronRight, ScanSearch } from 'lucide-react';
import Link from 'next/link';
import { type KeyboardEvent, useId } from 'react';
import { type BoardRow, type Phase, usOf } from '../../lib/client/signal-board.ts';
import { formatIstDay, formatIstTime, formatWhole } from '../../lib/heatmap/format.ts';
import { type ReportGroup, worthSentence, worthWords } from './report-words.ts';
import { kindTitle, priceWords, SEVERITY_WORDS } from './signal-words.ts';

const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  new: 'new',
  seen: 'seen',
  acknowledged: 'acknowledged',
  expired: 'expired',
  resolved: 'resolved',
};

const SEVERITY_LOOKS: Readonly<Record<number, string>> = { 1: 'bg-edge', 2: 'bg-warn', 3: 'bg-down' };

interface Props {
  readonly row: BoardRow;
  readonly expanded: boolean;
  /** Where the price is from it now; empty where that is not known. */
  readonly distance: string;
  /** Prices since then, oldest first; fewer than two: none are drawn. */
  readonly prices: readonly number[];
  /** What signals of its kind were worth; null where that is not known. */
  readonly worth: ReportGroup | null;
  /** With the day, and the instrument. */
  readonly whole: boolean;
  /** -1 where arrows lead to it. */
  readonly tabIndex: number;
  onToggle(): void;
  onShow(): void;
  onAcknowledge(): void;
  onKeyDown?(event: KeyboardEvent<HTMLButtonElement>): void;
  onFocus?(): void;
}

/** A signal, or several of a kind that came one after the other. */
export function SignalRow(props: Props) {
  const {
    row,
    expanded,
    distance,
    prices,
    worth,
    whole,
    tabIndex,
    onToggle,
    onShow,
    onAcknowledge,
    onKeyDown,
    onFocus,
  } = props;
  const { signal, phase, count, fresh } = row;
  const id = useId();
  const title = kindTitle(signal.kind);
  const us = usOf(signal.found);
  const done = phase === 'expired' || phase === 'resolved' || phase === 'acknowledged';
  const Chevron = expanded ? ChevronDown : ChevronRight;
  return (
    <>
      <div className="flex items-stretch">
        <button
          type="button"
          data-row={row.key}
          data-signal={signal.id}
          data-phase={phase}
          aria-expanded={expanded}
          aria-controls={id}
          tabIndex={tabIndex}
          onClick={onToggle}
          onKeyDown={onKeyDown}
          onFocus={onFocus}
          className="flex min-w-0 flex-1 items-start gap-2 px-2 py-1 text-left hover:bg-hover focus-visible:outline-offset-[-2px]"
        >
          <span
            aria-hidden="true"
            className={clsx('mt-1 h-7 w-1 shrink-0 rounded', SEVERITY_LOOKS[signal.severity] ?? 'bg-edge')}
          />
          <span className="min-w-0 flex-1">
            <span className="flex items-baseline gap-2">
              <span className={clsx('truncate', done ? 'text-muted' : 'text-ink', phase === 'new' && 'font-semibold')}>
                {title}
                {signal.side ? (
                  <span className={signal.side === 'bid' ? 'text-best-bid' : 'text-best-ask'}>{` ${signal.side}`}</span>
                ) : null}
              </span>
              <span className="shrink-0 font-mono text-[11.5px]">{priceWords(signal)}</span>
              {count > 1 ? (
                <span
                  title={`${formatWhole(count)} signals, ${formatWhole(fresh.length)} of them new`}
                  className="shrink-0 rounded bg-raised px-1 font-mono text-[11px]"
                >
                  {`${formatWhole(count)}/${formatWhole(fresh.length)}`}
                </span>
              ) : null}
              <span className="ml-auto shrink-0 font-mono text-[11.5px] text-muted">
                {whole ? <span className="max-sm:hidden">{`${formatIstDay(us)} `}</span> : null}
                {`${formatIstTime(us)} IST`}
              </span>
            </span>
            <span className="flex items-baseline gap-2 text-[11.5px] text-muted">
              <span className="truncate">{whole ? `${signal.instrument}: ${signal.words}` : signal.words}</span>
              {distance ? <span className="shrink-0">{distance}</span> : null}
              <Sparkline prices={prices} />
              {worth ? (
                <span
                  data-worth={worth.verdict}
                  title={worthSentence(worth)}
                  className={clsx(
                    'shrink-0 rounded border px-1 font-mono text-[11px]',
                    worth.verdict === 'beats' ? 'border-edge text-ink' : 'border-line',
                  )}
                >
                  <span className="sr-only">hits, and at random times: </span>
                  {worthWords(worth)}
                </span>
              ) : null}
              <span className="ml-auto shrink-0">
                <span className="sr-only">{`severity ${SEVERITY_WORDS[signal.severity] ?? ''}, `}</span>
                {signal.state === 'once' ? PHASE_WORDS[phase] : `${signal.state}, ${PHASE_WORDS[phase]}`}
              </span>
            </span>
          </span>
          <Chevron aria-hidden="true" className="mt-1 size-3.5 shrink-0 text-muted" />
        </button>
        <button
          type="button"
          aria-label={`Show ${title} on the heatmap`}
          title="Show on the heatmap (Enter)"
          tabIndex={tabIndex}
          onClick={onShow}
          className="grid w-8 shrink-0 place-items-center text-muted hover:bg-hover hover:text-ink"
        >
          <ScanSearch aria-hidden="true" className="size-4" />
        </button>
      </div>
      <div id={id} hidden={!expanded}>
        {expanded ? <Details row={row} worth={worth} onAcknowledge={onAcknowledge} /> : null}
      </div>
    </>
  );
}

function Details({ row: { signal, phase }, worth, onAcknowledge }: Pick<Props, 'row' | 'worth' | 'onAcknowledge'>) {
  const { cause, evidence, quality } = signal;
  return (
    <div className="border-t border-line bg-panel px-5 py-2 text-[12px]">
      <table className="w-full max-w-lg">
        <caption className="sr-only">What caused it</caption>
        <thead>
          <tr className="text-left text-muted">
            <th className="pr-3 font-normal">Cause</th>
            <th className="pr-3 text-right font-normal">Value</th>
            <th className="text-right font-normal">Had to reach</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(cause).map(([name, { value, threshold }]) => (
            <tr key={name}>
              <th scope="row" className="pr-3 text-left font-normal">
                {name}
              </th>
              <td className="pr-3 text-right font-mono">{numberWords(value)}</td>
              <td className="text-right font-mono">{threshold === null ? '–' : numberWords(threshold)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="mt-1 text-muted">
        {`${signal.detector} on ${signal.feed}; a frame of a side every ${numberWords(quality.frameMs)} ms`}
        {quality.tickAgeMs === null ? ', no ticks' : `, last tick ${numberWords(quality.tickAgeMs)} ms old`}
        {`; confidence ${numberWords(signal.confidence)} (a rule of thumb)`}
      </p>
      <p className="mt-1 text-muted">
        {worth ? worthSentence(worth) : 'None of its kind has been measured yet.'}{' '}
        <Link href={`/signals/detectors/${signal.kind}`} prefetch={false} className="underline">
          Report card
        </Link>
      </p>
      <p className="mt-1 break-all text-muted">
        {'Evidence: '}
        <span className="font-mono text-[11px]">{evidence.length > 0 ? evidence.join(' ') : 'none'}</span>
      </p>
      {phase === 'new' || phase === 'seen' ? (
        <button
          type="button"
          onClick={onAcknowledge}
          className="mt-2 rounded border border-edge bg-raised px-2 py-0.5 hover:bg-hover"
        >
          Acknowledge
        </button>
      ) : null}
    </div>
  );
}

const number = new Intl.NumberFormat('en-IN', { maximumSignificantDigits: 6 });
const numberWords = (value: number): string => number.format(value);

const SPARK = { width: 48, height: 12 };

/** The price since the signal; its first value is where it was then. */
function Sparkline({ prices }: { readonly prices: readonly number[] }) {
  if (prices.length < 2) return null;
  const low = Math.min(...prices);
  const range = Math.max(...prices) - low || 1;
  const points = prices
    .map((price, i) => {
      const x = (i / (prices.length - 1)) * SPARK.width;
      return `${x.toFixed(1)},${(SPARK.height - 1 - ((price - low) / range) * (SPARK.height - 2)).toFixed(1)}`;
    })
    .join(' ');
  return (
    <svg width={SPARK.width} height={SPARK.height} role="img" aria-label="Price since then" className="shrink-0">
      <polyline points={points} fill="none" stroke="currentColor" strokeWidth="1" />
    </svg>
  );
}
