/** Words of backtests. */
import type { BacktestTold } from '../../lib/api/backtests.ts';
import { usOf } from '../../lib/client/signal-board.ts';
import { formatIstDate } from '../../lib/core/ist.ts';

/** `3: lower walls`, or `3` where it has no name. */
export const titleOf = ({ id, name }: Pick<BacktestTold, 'id' | 'name'>): string =>
  name === '' ? `Backtest ${id}` : `${id}: ${name}`;

export function daysWords({ from, to }: Pick<BacktestTold, 'from' | 'to'>): string {
  const [first, last] = [formatIstDate(usOf(from)), formatIstDate(usOf(to) - 1)];
  return first === last ? first : `${first} to ${last}`;
}

/** Each parameter that differs, `walls.timesUsual = 2`. */
export const differencesOf = ({ options }: Pick<BacktestTold, 'options'>): ReadonlyMap<string, number> =>
  new Map(
    Object.entries(options).flatMap(([detector, of]) =>
      Object.entries(of).map(([option, value]) => [`${detector}.${option}`, value] as const),
    ),
  );

/** Whom and by what it looks at. */
export function choiceWords(item: BacktestTold): string {
  const differences = [...differencesOf(item)].map(([name, value]) => `${name} = ${value}`);
  return [
    item.instruments === null ? 'all instruments' : item.instruments.join(', '),
    item.detectors === null ? 'all detectors' : item.detectors.map(detectorWords).join(', '),
    differences.length === 0 ? 'parameters as live' : differences.join(', '),
  ].join(' · ');
}

/** `key_levels` as people read it. */
export const detectorWords = (name: string): string => name.replaceAll('_', ' ');
