/** What people are told while a page is open. */
import type { Grade } from '../core/finding.ts';
import { ask } from './api.ts';

export interface Notice {
  readonly id: number;
  readonly event: string;
  readonly level: Grade;
  readonly title: string;
  readonly detail: string;
  readonly link: string | null;
}

const DESKTOP = 'gehra.desktop-notices';
const SEEN = 'gehra.notices-seen';

/** Alerts of rules after one of them, oldest first; null: none yet, only from where on. @throws ServerProblem */
export const fetchAlerts = (after: number | null): Promise<{ newest: number; notices: readonly Notice[] }> =>
  ask(`/api/notices?of=alerts${after === null ? '' : `&after=${after}`}`);

/** What has been told after a notice of this browser's memory, without the alerts of rules. */
export async function fetchNotices(): Promise<readonly Notice[]> {
  return (await ask<{ notices: readonly Notice[] }>(`/api/notices?after=${readSeen()}`)).notices;
}

/** The newest notice that was put aside here. */
export const readSeen = (): number => Number(localStorage.getItem(SEEN) ?? 0) || 0;
export const putAside = (id: number): void => localStorage.setItem(SEEN, String(Math.max(id, readSeen())));

/** Whether this browser is to show notices on the desktop: switched on here, and allowed by the person. */
export const desktopIsOn = (): boolean =>
  'Notification' in globalThis && Notification.permission === 'granted' && localStorage.getItem(DESKTOP) === '1';

export const switchDesktop = (on: boolean): void => localStorage.setItem(DESKTOP, on ? '1' : '0');

/** Shows a notice on the desktop. Several pages that show the same one show it once: its tag names it. */
export function showOnDesktop({ event, title, detail, link }: Omit<Notice, 'id' | 'level'>): void {
  const shown = new Notification(title, { body: detail, tag: event });
  shown.onclick = () => {
    window.focus();
    if (link) location.assign(link);
  };
}
