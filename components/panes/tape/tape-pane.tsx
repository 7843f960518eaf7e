'use client';

import clsx from 'clsx';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { TapeFilter, type TapeSettings, tapeSettingsOf } from '../../../lib/client/tape-filter.ts';
import { TapeSession, type TapeSpan, type TapeView } from '../../../lib/client/tape-session.ts';
import type { InstrumentSummary } from '../../../lib/core/instrument.ts';
import { formatDuration, formatIstTime, formatLots, formatPrice, quantityUnit } from '../../../lib/heatmap/format.ts';
import { gapWords } from '../../../lib/heatmap/gap-words.ts';
import { StateBadge } from '../../live/state-badge.tsx';
import type { PaneProps } from '../../workspace/pane.ts';
import { COVERED, PaneCover } from '../pane-state.tsx';
import { useSessionView } from '../use-session-view.ts';
import { Cell, PauseControl, VirtualRows, type VirtualRowsHandle } from '../virtual-rows.tsx';
import { TapeBar } from './tape-bar.tsx';
import { type TapeItem, tapeItems } from './tape-items.ts';

const EMPTY: TapeView = {
  trades: [],
  gaps: [],
  more: false,
  fault: null,
  loaded: false,
  state: { kind: 'loading', title: 'Connecting', detail: '', missingMs: 0 },
};

const TODAY: TapeSpan = { date: null, untilUs: null };

/** Time and sales: the trades of the day, stored ones by pages and live ones in front. */
export default function TapePane({ paneId, instrument, link, settings, onSettings }: PaneProps) {
  const chosen = tapeSettingsOf(settings);
  const [span, setSpan] = useState(TODAY);
  const { view, session } = useTape(instrument, chosen, span);
  /** Newest trade that is shown while paused, µs; who has only scrolled goes on by scrolling back. */
  const [frozen, setFrozen] = useState<{ readonly us: number; readonly byScroll: boolean } | null>(null);
  const frozenUs = frozen?.us ?? null;
  const list = useRef<VirtualRowsHandle>(null);
  const { splitMs } = chosen;

  const trades = useMemo(
    () => (frozenUs === null ? view.trades : view.trades.filter(({ stampUs }) => stampUs <= frozenUs)),
    [view, frozenUs],
  );
  const items = useMemo(() => tapeItems(trades, view.gaps, splitMs), [trades, view, splitMs]);
  const pause = (byScroll: boolean): void =>
    setFrozen((held) => held ?? { us: view.trades[0]?.stampUs ?? 0, byScroll });
  const goOn = (): void => {
    setFrozen(null);
    list.current?.toTop();
  };
  const unit = quantityUnit(instrument.lotSize);
  useEffect(() => () => link.leave(paneId), [link, paneId]);
  /** The other panes of the group show the moment of the row under the pointer. */
  const point = (index: number | null): void => {
    const item = index === null ? undefined : items[index];
    link.set({ cursorUs: item?.kind === 'trade' ? item.trade.stampUs : (item?.gap.fromUs ?? null) }, paneId);
  };

  return (
    <section aria-label={`Tape of ${instrument.symbol}`} className="relative flex h-full flex-col bg-ground">
      <TapeBar
        settings={chosen}
        span={span}
        unit={unit}
        onChange={(change) => onSettings({ ...chosen, ...change })}
        onSpan={(next) => {
          setSpan(next);
          setFrozen(null);
        }}
      >
        <StateBadge state={view.state} />
        <PauseControl
          paused={frozen !== null}
          fresh={view.trades.length - trades.length}
          onToggle={() => (frozen ? goOn() : pause(false))}
        />
      </TapeBar>
      {['gap', 'stale', 'disconnected'].includes(view.state.kind) ? (
        <p className="border-b border-line bg-panel px-2 py-0.5 text-[12px] text-warn">{view.state.detail}</p>
      ) : null}
      <div className="relative flex min-h-0 flex-1 flex-col">
        <VirtualRows
          ref={list}
          label={`Trades of ${instrument.symbol}, newest first`}
          columns={[
            { title: 'Time IST', className: 'w-24' },
            { title: 'Price', className: 'w-24 text-right' },
            { title: unit, className: 'w-20 text-right' },
            { title: 'Side', className: 'flex-1 pl-3' },
          ]}
          count={items.length}
          keyOf={(index) => items[index]?.key ?? String(index)}
          onNearEnd={() => void session?.loadOlder()}
          onPoint={point}
          onTop={(isAtTop) => {
            if (!isAtTop) pause(true);
            else if (frozen?.byScroll) goOn();
          }}
        >
          {(index) => <Item item={items[index]} instrument={instrument} />}
        </VirtualRows>
        {view.loaded && items.length === 0 && !COVERED.has(view.state.kind) ? (
          <p className="absolute inset-x-0 top-10 px-4 text-center text-muted">
            {Object.keys(new TapeFilter(chosen, instrument).query).length > 0
              ? 'No trade of this day is as the filter asks.'
              : 'No trade of this day is recorded.'}
          </p>
        ) : null}
        <PaneCover state={view.state} onRetry={() => session?.retryNow()} />
      </div>
    </section>
  );
}

function useTape(instrument: InstrumentSummary, chosen: TapeSettings, span: TapeSpan) {
  const { splitMs: _shownOnly, ...filter } = chosen;
  const asked = JSON.stringify(filter);
  const begin = useCallback(
    (tell: () => void) =>
      new TapeSession(instrument, new TapeFilter(tapeSettingsOf(JSON.parse(asked)), instrument), span, tell),
    [instrument, asked, span],
  );
  return useSessionView(begin, EMPTY);
}

function Item({ item, instrument }: { readonly item: TapeItem | undefined; readonly instrument: InstrumentSummary }) {
  if (!item) return null;
  if (item.kind === 'gap') return <GapCells item={item} instrument={instrument} />;
  const { trade, quantity, prints } = item;
  const isBuy = trade.side === 'buy';
  const colour = trade.side === 'unknown' ? 'text-unknown' : isBuy ? 'text-best-bid' : 'text-best-ask';
  return (
    <>
      <Cell className="w-24 text-muted">{formatIstTime(trade.stampUs, 'ms')}</Cell>
      <Cell className={clsx('w-24 text-right', colour)}>{formatPrice(trade.price, instrument)}</Cell>
      <Cell className="w-20 text-right text-ink">{formatLots(quantity, instrument.lotSize)}</Cell>
      <Cell className={clsx('flex-1 truncate pl-3', colour)}>
        {SIDE_WORDS[trade.side]}
        <span className="text-muted">
          {trade.side === 'unknown' ? '' : ` ${CONFIDENCE_WORDS[trade.confidence] ?? ''}`}
          {prints > 1 ? ` · ${prints} prints` : ''}
          {trade.stored ? '' : ' · not stored yet'}
        </span>
      </Cell>
    </>
  );
}

function GapCells({
  item: { gap },
  instrument,
}: {
  readonly item: Extract<TapeItem, { kind: 'gap' }>;
  readonly instrument: InstrumentSummary;
}) {
  const length = gap.toUs === null ? 'goes on' : formatDuration((gap.toUs - gap.fromUs) / 1000);
  const traded =
    gap.unattributed === null
      ? 'what traded is not known yet'
      : gap.unattributed === 0
        ? 'nothing traded'
        : `${formatLots(gap.unattributed, instrument.lotSize)} ${quantityUnit(instrument.lotSize)} unattributed`;
  return (
    <>
      <Cell className="w-24 text-warn">{formatIstTime(gap.fromUs, 'ms')}</Cell>
      <Cell className="flex-1 truncate text-warn">{`Gap, ${length}: ${traded} – ${gapWords(gap.cause)}`}</Cell>
    </>
  );
}

const SIDE_WORDS = { buy: 'Buy', sell: 'Sell', unknown: 'Side unknown' } as const;

/** How the side is known. */
const CONFIDENCE_WORDS: Readonly<Record<number, string>> = {
  3: 'at the touch',
  2: '~ inside the spread',
  1: '~ by the tick',
};
