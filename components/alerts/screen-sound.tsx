'use client';

import { useEffect, useId, useState } from 'react';
import { type AlertSound, keepAlertSound, readAlertSound, SOUND_CHANGED } from '../../lib/client/alert-sound.ts';
import { Chime } from '../../lib/client/chime.ts';
import { Action, Panel } from '../shell/form-parts.tsx';
import { Switch } from './switch.tsx';

/** The tone has ended by then, ms. */
const TONE_MS = 1000;

/** Whether alerts sound in this browser, and how loud. */
export function ScreenSound() {
  const id = useId();
  const [sound, setSound] = useState<AlertSound | null>(null);
  useEffect(() => setSound(readAlertSound()), []);
  const change = (next: AlertSound): void => {
    setSound(next);
    keepAlertSound(next);
    dispatchEvent(new Event(SOUND_CHANGED));
  };
  const test = (): void => {
    const chime = new Chime();
    chime.ring(sound?.volume);
    setTimeout(() => chime.stop(), TONE_MS);
  };
  return (
    <Panel title="Sound of this browser">
      <p className="text-muted">
        A short tone with each alert, while a page of Gehra is open here. After a page was loaded the browser lets it
        sound once something was pressed on it.
      </p>
      <div className="mt-3 flex flex-wrap items-center gap-4">
        <Switch
          on={sound?.isOn ?? false}
          label="Sound of alerts"
          disabled={sound === null}
          onChange={(isOn) => sound && change({ ...sound, isOn })}
        />
        <label htmlFor={id} className="flex items-center gap-2">
          Volume
          <input
            id={id}
            type="range"
            min={0}
            max={100}
            step={5}
            disabled={sound === null}
            value={Math.round((sound?.volume ?? 0) * 100)}
            onChange={({ target }) => sound && change({ ...sound, volume: target.valueAsNumber / 100 })}
          />
        </label>
        <Action disabled={sound === null} onClick={test}>
          Play it
        </Action>
      </div>
    </Panel>
  );
}
