'use client';

import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { useEffect, useRef } from 'react';
import type { Step } from '../../lib/calendar/timeline.ts';
import { ask } from '../../lib/client/api.ts';

interface MarketPhaseAnswer {
  readonly exchange: string;
  readonly mode: 'calendar' | 'always';
  readonly nowUs: number;
  readonly steps: readonly Step[];
}

/** Days may be entered meanwhile, ms. */
const LOOK_MS = 300_000;
const TICK_MS = 1000;

const WORDS: Readonly<Record<Step['kind'], string>> = { 'pre-open': 'Pre-open', open: 'Open', closed: 'Closed' };
const DOTS: Readonly<Record<Step['kind'], string>> = {
  'pre-open': 'rounded-full border-2 border-warn',
  open: 'rounded-full bg-up',
  closed: 'border border-muted bg-edge',
};

/**
 * What the exchange does now, what comes next, and how long it is until then. The seconds are written past React and are hidden from
 * screen readers, which hear the time of what comes next.
 */
export function MarketPhase({
  exchange = 'NSE',
  className,
}: {
  readonly exchange?: string;
  readonly className?: string;
}) {
  const { data } = useQuery({
    queryKey: ['market phase', exchange],
    queryFn: async () => {
      const answer = await ask<MarketPhaseAnswer>(`/api/market-phase?exchange=${encodeURIComponent(exchange)}`);
      return { ...answer, aheadUs: answer.nowUs - Date.now() * 1000 };
    },
    refetchInterval: LOOK_MS,
  });
  const place = useRef<HTMLSpanElement>(null);
  const isAlways = data?.mode === 'always';
  useEffect(() => {
    if (!data || isAlways) return;
    const write = (): void => {
      if (place.current) writePhase(place.current, data.exchange, data.steps, Date.now() * 1000 + data.aheadUs);
    };
    write();
    const timer = setInterval(write, TICK_MS);
    return () => clearInterval(timer);
  }, [data, isAlways]);
  if (!data) return null;
  const [now] = data.steps;
  if (isAlways) {
    return (
      <span
        className={clsx('whitespace-nowrap text-[12px] text-muted', className)}
        title={`${data.exchange} itself: ${now ? `${WORDS[now.kind].toLowerCase()}, ${now.next}` : 'not known'}`}
      >
        Trades around the clock
      </span>
    );
  }
  return (
    <span ref={place} data-phase className={clsx('flex items-center gap-1.5 whitespace-nowrap text-[12px]', className)}>
      <span aria-hidden="true" data-dot />
      <span data-words />
      <span data-next className="sr-only" />
      <span aria-hidden="true" data-left className="font-mono text-muted tabular-nums" />
    </span>
  );
}

function writePhase(place: HTMLElement, exchange: string, steps: readonly Step[], nowUs: number): void {
  const at = Math.max(
    0,
    steps.findLastIndex(({ fromUs }) => fromUs <= nowUs),
  );
  const [step, next] = [steps[at], steps[at + 1]];
  if (!step) return;
  const part = (name: string): HTMLElement | null => place.querySelector(`[data-${name}]`);
  const write = (name: string, text: string): void => {
    const element = part(name);
    if (element && element.textContent !== text) element.textContent = text;
  };
  const dot = part('dot');
  if (dot) dot.className = `size-2.5 shrink-0 ${DOTS[step.kind]}`;
  place.title = step.next;
  write('words', `${exchange} ${WORDS[step.kind].toLowerCase()}`);
  write('next', step.next);
  write('left', next ? leftWords((next.fromUs - nowUs) / 1_000_000) : '');
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `0:09:59`; `2 d 17:00:01` */
function leftWords(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const days = Math.floor(whole / 86_400);
  const [hours, minutes] = [Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60];
  return `${days > 0 ? `${days} d ` : ''}${hours}:${two(minutes)}:${two(whole % 60)}`;
}
