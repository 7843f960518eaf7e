'use client';

import { useQuery } from '@tanstack/react-query';
import { BellRing, X } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { type AlertSound, isFirstToRing, readAlertSound, SOUND_CHANGED } from '../../lib/client/alert-sound.ts';
import { Chime } from '../../lib/client/chime.ts';
import { desktopIsOn, fetchAlerts, type Notice, showOnDesktop } from '../../lib/client/notices.ts';
import { asProblem } from '../../lib/client/problem.ts';
import { formatWhole } from '../../lib/heatmap/format.ts';

const LOOK_MS = 3000;
/** So many are seen at once, on a phone only the newest; all are counted. */
const SHOWN = 3;
/** So many desktop notifications at once; a storm is told by its newest. */
const DESKTOP_MAX = 3;
/** Pages on which nobody is signed in yet. */
const OUTSIDE = /^\/(login|setup)(\/|$)/;
const AFTER = 'gehra.alerts-after';

/** Alerts of rules over every page, until they are put aside: seen, heard and on the desktop as this browser was told to. */
export function AlertToasts() {
  const path = usePathname();
  const [alerts, setAlerts] = useState<readonly Notice[]>([]);
  const after = useRef<number | null>(null);
  const ring = useRing();
  const { data } = useQuery({
    queryKey: ['alert notices'],
    queryFn: () => {
      // A page that is loaded again goes on from where it was.
      after.current ??= keptAfter();
      return fetchAlerts(after.current);
    },
    enabled: !OUTSIDE.test(path),
    retry: false,
    gcTime: 0,
    refetchInterval: ({ state: { error } }) => (error && asProblem(error).signedOut ? false : LOOK_MS),
    refetchIntervalInBackground: true,
    structuralSharing: false,
  });
  useEffect(() => {
    if (!data) return;
    const known = after.current;
    const fresh = known === null ? [] : data.notices.filter(({ id }) => id > known);
    const newest = fresh.at(-1);
    // Without an alert it stays where it was: an older one may be stored only now.
    after.current = newest?.id ?? known ?? data.newest;
    sessionStorage.setItem(AFTER, String(after.current));
    if (!newest) return;
    setAlerts((before) => [...before, ...fresh]);
    if (isFirstToRing(newest.id)) ring();
    if (desktopIsOn()) for (const alert of fresh.slice(-DESKTOP_MAX)) showOnDesktop(alert);
  }, [data, ring]);

  const newest = alerts.at(-1);
  return (
    <>
      <p role="status" className="sr-only">
        {newest ? `${alerts.length === 1 ? 'Alert' : `${alerts.length} alerts, the newest`}: ${newest.title}` : ''}
      </p>
      {newest ? (
        <section
          aria-label="New alerts"
          className="fixed right-3 bottom-10 z-50 flex w-96 max-w-[calc(100vw-1.5rem)] flex-col gap-2"
        >
          {alerts.length > 1 ? (
            <p className="flex items-center gap-3 self-end rounded border border-edge bg-panel px-2 py-0.5 shadow-lg">
              <Link href="/signals/rules#alerts" prefetch={false} className="underline">
                {`${formatWhole(alerts.length)} alerts`}
              </Link>
              <button type="button" onClick={() => setAlerts([])} className="rounded px-1 hover:bg-hover">
                Put all aside
              </button>
            </p>
          ) : null}
          {alerts.slice(-SHOWN).map(({ id, title, detail, link }) => (
            <div
              key={id}
              data-alert={id}
              className="flex items-start gap-2 rounded-lg border border-warn bg-raised px-3 py-2 shadow-lg max-sm:not-last:hidden"
            >
              <BellRing aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-warn" />
              <div className="min-w-0 grow break-words">
                <p className="font-semibold">{title}</p>
                <p className="text-muted">{detail}</p>
                {link ? (
                  <Link href={link} prefetch={false} className="underline">
                    {link.startsWith('/live/') ? 'Show its depth' : 'Show'}
                  </Link>
                ) : null}
              </div>
              <button
                type="button"
                aria-label={`Put aside: ${title}`}
                onClick={() => setAlerts((before) => before.filter((each) => each.id !== id))}
                className="rounded p-1 text-muted hover:bg-hover"
              >
                <X aria-hidden="true" className="size-4" />
              </button>
            </div>
          ))}
        </section>
      ) : null}
    </>
  );
}

function keptAfter(): number | null {
  const kept = sessionStorage.getItem(AFTER);
  return kept === null ? null : Number(kept);
}

/** What makes the sound of an alert, where it is switched on: a browser lets it sound once something was pressed on the page. */
function useRing(): () => void {
  const chime = useRef<Chime | null>(null);
  const sound = useRef<AlertSound>({ isOn: false, volume: 0 });
  const [ring] = useState(() => () => chime.current?.ring(sound.current.volume));
  useEffect(() => {
    const read = (): void => {
      sound.current = readAlertSound();
    };
    const wake = (): void => {
      if (!sound.current.isOn) return;
      chime.current ??= new Chime();
      chime.current.wake();
    };
    read();
    const abort = new AbortController();
    const { signal } = abort;
    addEventListener('pointerdown', wake, { signal });
    addEventListener('keydown', wake, { signal });
    addEventListener('storage', read, { signal });
    addEventListener(
      SOUND_CHANGED,
      () => {
        read();
        if (!sound.current.isOn) {
          chime.current?.stop();
          chime.current = null;
        } else wake();
      },
      { signal },
    );
    return () => {
      abort.abort();
      chime.current?.stop();
      chime.current = null;
    };
  }, []);
  return ring;
}
