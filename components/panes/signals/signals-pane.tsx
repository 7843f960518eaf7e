'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { Volume2, VolumeX } from 'lucide-react';
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import type { ToldSignal } from '../../../lib/api/signals.ts';
import { Chime } from '../../../lib/client/chime.ts';
import { type BoardRow, detectorName, usOf } from '../../../lib/client/signal-board.ts';
import { type SignalsChoice, SignalsSession, type SignalsView } from '../../../lib/client/signals-session.ts';
import type { InstrumentSummary } from '../../../lib/core/instrument.ts';
import { formatWhole } from '../../../lib/heatmap/format.ts';
import { StateBadge } from '../../live/state-badge.tsx';
import { IconButton } from '../../live/toolbar.tsx';
import { Menu } from '../../shell/menu.tsx';
import { SignalRow } from '../../signals/signal-row.tsx';
import { distanceWords, evidenceOf, evidencePath } from '../../signals/signal-words.ts';
import { useWorth } from '../../signals/use-report.ts';
import type { PaneProps } from '../../workspace/pane.ts';
import { COVERED, PaneCover } from '../pane-state.tsx';
import { useSessionView } from '../use-session-view.ts';

const EMPTY: SignalsView = {
  rows: [],
  count: 0,
  fresh: 0,
  snoozed: 0,
  state: { kind: 'loading', title: 'Connecting', detail: '', missingMs: 0 },
  loaded: false,
  warmingS: 0,
  lastPrice: null,
  prices: [],
  snoozes: [],
  unsaid: null,
  nowUs: 0,
  arrived: { count: 0, words: '', severity: 0 },
};

const ROW_PX = 44;
/** A row on the screen for so long is seen, ms. */
const SEEN_MS = 1000;
const ANNOUNCE_MS = 5000;
const CHIME_MS = 3000;
/** Milder ones make no sound. */
const CHIME_SEVERITY = 2;
const MUTE_MINUTES = 60;
const SNOOZE_MINUTES = [15, 60, 480] as const;
const SPARK_POINTS = 40;

/** Signals of the pane's instrument, or of all, as they come. */
export default function SignalsPane({ instrument, link, settings, onSettings }: PaneProps) {
  const all = settings.all === true;
  const order: SignalsChoice['order'] = settings.order === 'time' ? 'time' : 'severity';
  const begin = useCallback(
    (tell: () => void) => new SignalsSession(instrument, { all, order }, tell),
    [instrument, all, order],
  );
  const { view, session } = useSessionView(begin, EMPTY);
  const [selected, setSelected] = useState<string | null>(null);
  const [sound, setSound] = useState(false);

  const show = (signal: ToldSignal): void => {
    if (signal.instrument === instrument.slug && link.show(evidenceOf(signal))) return;
    window.open(evidencePath(signal), '_blank', 'noopener');
  };

  return (
    <section aria-label={`Signals of ${instrument.symbol}`} className="relative flex h-full flex-col bg-ground">
      <div
        role="toolbar"
        aria-label="Signals"
        className="flex flex-wrap items-center gap-2 border-b border-line bg-panel px-2 py-1 text-[12px]"
      >
        <StateBadge state={view.state} />
        <span data-count className="text-muted">
          {`${formatWhole(view.count)} in ${formatWhole(view.rows.length)} ${view.rows.length === 1 ? 'row' : 'rows'}`}
        </span>
        {view.fresh > 0 ? (
          <span
            data-unread
            className="rounded-full bg-bid/20 px-2 font-semibold"
          >{`${formatWhole(view.fresh)} new`}</span>
        ) : null}
        <select
          aria-label="Signals of"
          value={all ? 'all' : 'one'}
          onChange={({ target }) => onSettings({ ...settings, all: target.value === 'all' })}
          className="ml-auto rounded border border-line bg-raised px-1"
        >
          <option value="one">This instrument</option>
          <option value="all">All instruments</option>
        </select>
        <select
          aria-label="Order"
          value={order}
          onChange={({ target }) => onSettings({ ...settings, order: target.value })}
          className="rounded border border-line bg-raised px-1"
        >
          <option value="severity">By severity</option>
          <option value="time">Newest first</option>
        </select>
        <IconButton name="Sound" pressed={sound} onPress={() => setSound(!sound)}>
          {sound ? <Volume2 aria-hidden="true" /> : <VolumeX aria-hidden="true" />}
        </IconButton>
        <SnoozeMenu view={view} session={session} selected={view.rows.find(({ key }) => key === selected) ?? null} />
      </div>
      <Remarks view={view} />
      <SignalList
        view={view}
        instrument={instrument}
        whole={all}
        selected={selected}
        onSelect={setSelected}
        session={session}
        onShow={show}
      />
      <PaneCover
        state={view.state.kind === 'empty' && view.rows.length > 0 ? { ...view.state, kind: 'closed' } : view.state}
        onRetry={() => session?.retryNow()}
      />
      <Told arrived={view.arrived} sound={sound} />
    </section>
  );
}

/** What has to be known to read the list: that it is silent, or why nothing can be found now. */
function Remarks({ view }: { readonly view: SignalsView }) {
  const { state, warmingS, loaded, rows, unsaid, snoozed } = view;
  const remarks = [
    ['gap', 'stale', 'disconnected'].includes(state.kind) ? `${state.detail} Nothing is found meanwhile.` : null,
    state.kind === 'live' && warmingS > 0
      ? `Warming up: the detectors learn for ${warmingS} s more, some for minutes.`
      : null,
    unsaid === null ? null : `Not kept: ${unsaid}`,
  ].filter((each) => each !== null);
  return (
    <>
      {remarks.map((remark) => (
        <p key={remark} className="border-b border-line bg-panel px-2 py-0.5 text-[12px] text-warn">
          {remark}
        </p>
      ))}
      {loaded && rows.length === 0 && !COVERED.has(state.kind) ? (
        <p className="px-4 py-6 text-center text-muted">
          {snoozed > 0
            ? `${formatWhole(snoozed)} snoozed, no others today.`
            : 'A quiet market: nothing was found today.'}
        </p>
      ) : null}
    </>
  );
}

interface ListProps {
  readonly view: SignalsView;
  readonly instrument: InstrumentSummary;
  readonly whole: boolean;
  readonly selected: string | null;
  readonly session: SignalsSession | null;
  onSelect(key: string): void;
  onShow(signal: ToldSignal): void;
}

function SignalList({ view, instrument, whole, selected, session, onSelect, onShow }: ListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const worth = useWorth();
  const [open, setOpen] = useState<string | null>(null);
  const { rows } = view;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 4,
    getItemKey: (index) => rows[index]?.key ?? index,
  });
  useSeen(scroller, view, session);
  const at = Math.max(
    0,
    rows.findIndex(({ key }) => key === selected),
  );

  const focusRow = (index: number): void => {
    const row = rows[Math.min(Math.max(index, 0), rows.length - 1)];
    if (!row) return;
    onSelect(row.key);
    virtual.scrollToIndex(rows.indexOf(row));
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(row.key)}"]`)?.focus(),
    );
  };
  const onKey = (event: KeyboardEvent, row: BoardRow): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act: Readonly<Record<string, () => void>> = {
      ArrowDown: () => focusRow(at + 1),
      ArrowUp: () => focusRow(at - 1),
      Home: () => focusRow(0),
      End: () => focusRow(rows.length - 1),
      Enter: () => onShow(row.signal),
      a: () => session?.mark(row.ids, 'acknowledged'),
      m: () => session?.snooze('detector', detectorName(row.signal.detector), MUTE_MINUTES),
    };
    const action = act[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  };
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
      <ul aria-label="Signals" className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const row = rows[index];
          if (!row) return null;
          const { signal } = row;
          const own = signal.instrument === instrument.slug;
          return (
            <li
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              className="absolute inset-x-0 top-0 border-b border-line"
              style={{ transform: `translateY(${start}px)` }}
            >
              <SignalRow
                row={row}
                expanded={open === row.key}
                distance={own ? distanceWords(signal, view.lastPrice, instrument.tickSize) : ''}
                prices={own ? pricesSince(view.prices, usOf(signal.found)) : []}
                worth={worth(signal)}
                whole={whole}
                tabIndex={index === at ? 0 : -1}
                onToggle={() => setOpen(open === row.key ? null : row.key)}
                onShow={() => onShow(signal)}
                onAcknowledge={() => session?.mark(row.ids, 'acknowledged')}
                onKeyDown={(event) => onKey(event, row)}
                onFocus={() => onSelect(row.key)}
              />
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** The prices since an instant, thinned; none where they do not reach back to it. */
function pricesSince(prices: SignalsView['prices'], us: number): readonly number[] {
  const first = prices[0];
  if (!first || first.us > us + 2_000_000) return [];
  const since = prices.filter((each) => each.us >= us);
  const step = Math.max(1, Math.ceil(since.length / SPARK_POINTS));
  return since.filter((_, i) => i % step === 0).map(({ price }) => price);
}

/** Marks what has been on the screen for a while as seen. */
function useSeen(
  scroller: RefObject<HTMLDivElement | null>,
  { rows }: SignalsView,
  session: SignalsSession | null,
): void {
  const latest = useRef(rows);
  useEffect(() => {
    latest.current = rows;
  });
  useEffect(() => {
    let before: ReadonlySet<string> = new Set();
    const timer = setInterval(() => {
      const box = scroller.current?.getBoundingClientRect();
      if (!box || document.visibilityState !== 'visible') return;
      const shown = new Set<string>();
      for (const element of scroller.current?.querySelectorAll<HTMLElement>('[data-row]') ?? []) {
        const { top, bottom } = element.getBoundingClientRect();
        if (top >= box.top - 1 && bottom <= box.bottom + 1) shown.add(element.dataset.row as string);
      }
      const seen = latest.current.filter(({ key, fresh }) => fresh.length > 0 && shown.has(key) && before.has(key));
      before = shown;
      if (seen.length > 0)
        session?.mark(
          seen.flatMap(({ fresh }) => fresh),
          'seen',
        );
    }, SEEN_MS);
    return () => clearInterval(timer);
  }, [scroller, session]);
}

interface SnoozeProps {
  readonly view: SignalsView;
  readonly session: SignalsSession | null;
  readonly selected: BoardRow | null;
}

function SnoozeMenu({ view, session, selected }: SnoozeProps) {
  const choices = selected
    ? ([
        ['detector', detectorName(selected.signal.detector)],
        ['instrument', selected.signal.instrument],
      ] as const)
    : [];
  return (
    <Menu
      name={view.snoozed > 0 ? `Snoozed ${formatWhole(view.snoozed)}` : 'Snooze'}
      className="right-0 left-auto w-60"
    >
      {choices.map(([what, name]) => (
        <div key={what} className="px-1 py-1">
          <p className="text-muted">{`Snooze ${what} ${name}`}</p>
          <p className="flex gap-1">
            {SNOOZE_MINUTES.map((minutes) => (
              <button
                key={minutes}
                type="button"
                data-closes
                onClick={() => session?.snooze(what, name, minutes)}
                className="rounded border border-line px-2 hover:bg-hover"
              >
                {minutes < 60 ? `${minutes} min` : `${minutes / 60} h`}
              </button>
            ))}
          </p>
        </div>
      ))}
      {view.snoozes.map(({ what, name }) => (
        <button
          key={`${what} ${name}`}
          type="button"
          data-closes
          onClick={() => session?.wake(what, name)}
          className="block w-full rounded px-2 py-1 text-left hover:bg-hover"
        >
          {`Wake ${what} ${name}`}
        </button>
      ))}
      {choices.length === 0 && view.snoozes.length === 0 ? (
        <p className="px-1 text-muted">Choose a signal first.</p>
      ) : null}
    </Menu>
  );
}

/** The one live region, and the sound: both throttled, since a storm must not talk without end. */
function Told({ arrived, sound }: { readonly arrived: SignalsView['arrived']; readonly sound: boolean }) {
  const [said, setSaid] = useState({ count: 0, words: '', atMs: Number.NEGATIVE_INFINITY });
  const chime = useRef<Chime | null>(null);
  const rung = useRef({ count: 0, atMs: Number.NEGATIVE_INFINITY });

  useEffect(() => {
    if (arrived.count <= said.count) return;
    const timer = setTimeout(
      () => {
        const news = arrived.count - said.count;
        const words = `${formatWhole(news)} new ${news === 1 ? 'signal' : 'signals'}: ${arrived.words}`;
        setSaid({ count: arrived.count, words, atMs: performance.now() });
      },
      Math.max(0, said.atMs + ANNOUNCE_MS - performance.now()),
    );
    return () => clearTimeout(timer);
  }, [arrived, said]);

  useEffect(() => {
    if (!sound) return;
    const begun = new Chime();
    chime.current = begun;
    return () => {
      chime.current = null;
      begun.stop();
    };
  }, [sound]);
  useEffect(() => {
    const nowMs = performance.now();
    if (arrived.count <= rung.current.count) return;
    const isLoud = arrived.severity >= CHIME_SEVERITY && nowMs - rung.current.atMs >= CHIME_MS;
    if (isLoud) chime.current?.ring();
    rung.current = { count: arrived.count, atMs: isLoud ? nowMs : rung.current.atMs };
  }, [arrived]);

  return (
    <p role="status" aria-live="polite" className="sr-only">
      {said.words}
    </p>
  );
}
