/** How alerts of rules sound in this browser: off until somebody switches it on. */
import { keep, readKept } from './kept.ts';

export interface AlertSound {
  readonly isOn: boolean;
  /** 0 to 1. */
  readonly volume: number;
}

/** The page's own word that the sound was changed on it: `storage` is told to the other pages alone. */
export const SOUND_CHANGED = 'gehra-alert-sound';
const KEY = 'gehra.alert-sound';
const RUNG = 'gehra.alerts-rung';
const OFF: AlertSound = { isOn: false, volume: 0.5 };

export function readAlertSound(): AlertSound {
  const kept = readKept(KEY);
  if (typeof kept !== 'object' || kept === null) return OFF;
  const { isOn, volume } = kept as Readonly<Record<string, unknown>>;
  return {
    isOn: isOn === true,
    volume: typeof volume === 'number' && volume >= 0 && volume <= 1 ? volume : OFF.volume,
  };
}

export const keepAlertSound = (sound: AlertSound): void => keep(KEY, sound);

/** Whether this page is the first of the browser's that has heard of an alert: the others stay silent. @param id of its notice */
export function isFirstToRing(id: number): boolean {
  const rung = Number(readKept(RUNG) ?? 0);
  if (rung >= id) return false;
  keep(RUNG, id);
  return true;
}
