'use client';

import { useEffect, useState } from 'react';
import { desktopIsOn, showOnDesktop, switchDesktop } from '../../lib/client/notices.ts';
import { Action, Outcome, Panel } from '../shell/form-parts.tsx';

/** Notifications of this browser, while a page of Gehra is open in it. */
export function DesktopPanel() {
  const [on, setOn] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const [denied, setDenied] = useState(false);
  useEffect(() => {
    setOn(desktopIsOn());
    setDenied('Notification' in globalThis && Notification.permission === 'denied');
  }, []);

  const turnOn = async (): Promise<void> => {
    setFault(null);
    setDone(null);
    if (!('Notification' in globalThis)) {
      setFault('This browser shows no notifications, or only over https.');
      return;
    }
    if ((await Notification.requestPermission()) !== 'granted') {
      setDenied(Notification.permission === 'denied');
      setFault(
        "The browser does not allow it: allow notifications for this page in the browser's settings of the site.",
      );
      return;
    }
    switchDesktop(true);
    setOn(true);
    setDone('Switched on for this browser.');
  };
  const turnOff = (): void => {
    switchDesktop(false);
    setOn(false);
    setDone('Switched off for this browser.');
  };
  const test = (): void => {
    showOnDesktop({ event: 'test', title: 'Test from Gehra', detail: 'Notices will come like this.', link: null });
    setDone('The test was shown.');
  };

  return (
    <Panel title="This browser">
      <p className="text-muted">
        {denied
          ? 'Notifications of this page are forbidden in this browser. It does not ask again: allow them in its settings of the site, then load this page anew.'
          : on
            ? 'Notices and alerts are shown on the desktop while a page of Gehra is open here.'
            : 'Notices and alerts can be shown on the desktop while a page of Gehra is open here. The browser asks you first.'}
      </p>
      <div className="mt-3 flex flex-wrap gap-2">
        {on ? (
          <Action onClick={turnOff}>Switch off</Action>
        ) : (
          <Action main disabled={denied} onClick={() => void turnOn()}>
            Switch on
          </Action>
        )}
        <Action disabled={!on} onClick={test}>
          Show a test
        </Action>
      </div>
      <Outcome fault={fault} done={done} />
    </Panel>
  );
}
