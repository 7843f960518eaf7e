/** What a person has chosen of a ladder. Layouts are edited and sent by people, so what cannot be is the default. */
import { ROW_TICKS } from '../heatmap/price-rows.ts';
import { RECENTRE_MODES, type RecentreMode } from './ladder-view.ts';
import { CHANGE_WINDOWS_S } from './recent-changes.ts';

/** Columns that can be left out, in the order in which they give way where there is no room. */
export const LADDER_COLUMNS = ['cumulative', 'changes', 'trail', 'orders', 'traded'] as const;
export type LadderColumn = (typeof LADDER_COLUMNS)[number];

export interface LadderSettings {
  readonly rowTicks: (typeof ROW_TICKS)[number];
  readonly recentre: RecentreMode;
  readonly units: 'lots' | 'units';
  /** Window of pull and stack. */
  readonly windowS: (typeof CHANGE_WINDOWS_S)[number];
  readonly columns: readonly LadderColumn[];
}

export const LADDER_DEFAULTS: LadderSettings = {
  rowTicks: 1,
  recentre: 'edge',
  units: 'lots',
  windowS: 10,
  columns: LADDER_COLUMNS,
};

export function ladderSettingsOf(settings: Readonly<Record<string, unknown>>): LadderSettings {
  const { rowTicks, recentre, units, windowS, columns } = settings;
  return {
    rowTicks: ROW_TICKS.find((ticks) => ticks === rowTicks) ?? LADDER_DEFAULTS.rowTicks,
    recentre: RECENTRE_MODES.find((mode) => mode === recentre) ?? LADDER_DEFAULTS.recentre,
    units: units === 'units' ? 'units' : LADDER_DEFAULTS.units,
    windowS: CHANGE_WINDOWS_S.find((seconds) => seconds === windowS) ?? LADDER_DEFAULTS.windowS,
    columns: Array.isArray(columns)
      ? LADDER_COLUMNS.filter((column) => columns.includes(column))
      : LADDER_DEFAULTS.columns,
  };
}
