'use client';

import { useEffect } from 'react';
import { desktopIsOn, fetchNotices, showOnDesktop } from '../../lib/client/notices.ts';

const LOOK_MS = 20_000;
const SHOWN = 'gehra.notices-shown';

/** Shows what is told on the desktop, where that was switched on for this browser (Settings, Notifications). */
export function DesktopNotices() {
  useEffect(() => {
    const look = async (): Promise<void> => {
      if (!desktopIsOn()) return;
      try {
        const shown = Number(localStorage.getItem(SHOWN) ?? 0);
        for (const notice of await fetchNotices()) {
          if (notice.id <= shown) continue;
          showOnDesktop(notice);
          localStorage.setItem(SHOWN, String(notice.id));
        }
      } catch {
        // Signed out or no connection: the page itself says it.
      }
    };
    void look();
    const timer = setInterval(() => void look(), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  return null;
}
