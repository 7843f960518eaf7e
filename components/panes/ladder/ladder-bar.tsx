'use client';

import { LocateFixed } from 'lucide-react';
import type { ReactNode } from 'react';
import { quantityUnit } from '../../../lib/heatmap/format.ts';
import { ROW_TICKS } from '../../../lib/heatmap/price-rows.ts';
import { LADDER_COLUMNS, type LadderColumn, type LadderSettings } from '../../../lib/ladder/ladder-settings.ts';
import { CHANGE_WINDOWS_S } from '../../../lib/ladder/recent-changes.ts';
import { IconButton } from '../../live/toolbar.tsx';
import { Choice, PaneBar } from '../choice.tsx';

interface Props {
  readonly settings: LadderSettings;
  readonly lotSize: number;
  /** Scrolled away: the market is not followed. */
  readonly held: boolean;
  readonly children: ReactNode;
  onChange(change: Partial<LadderSettings>): void;
  onRecentre(): void;
}

const COLUMN_WORDS: Readonly<Record<LadderColumn, string>> = {
  traded: 'Sold and bought',
  orders: 'Orders',
  trail: 'Trail of the best prices',
  changes: 'Pulled and stacked',
  cumulative: 'Cumulative',
};

export function LadderBar({ settings, lotSize, held, children, onChange, onRecentre }: Props) {
  const { rowTicks, recentre, units, windowS, columns } = settings;
  return (
    <PaneBar label="Ladder">
      {children}
      <IconButton name="Bring the market to the middle" keys="Home" pressed={!held} onPress={onRecentre}>
        <LocateFixed aria-hidden="true" />
      </IconButton>
      <Choice
        label="Row"
        value={rowTicks}
        options={ROW_TICKS.map((ticks) => [ticks, ticks === 1 ? '1 tick' : `${ticks} ticks`] as const)}
        onChoose={(value) => onChange({ rowTicks: value })}
      />
      <details className="relative">
        <summary className="rounded border border-line bg-raised px-1.5 py-0.5 text-[12px] text-muted">
          Settings
        </summary>
        <div className="absolute right-0 z-10 mt-1 grid w-60 gap-2 rounded border border-edge bg-raised p-3 shadow-lg max-sm:right-auto max-sm:-left-24">
          <Choice
            label="Recentre"
            value={recentre}
            options={[
              ['always', 'always'],
              ['edge', 'near an edge'],
              ['off', 'off'],
            ]}
            onChoose={(value) => onChange({ recentre: value })}
          />
          <Choice
            label="Quantities in"
            value={units}
            options={[
              ['lots', quantityUnit(lotSize)],
              ['units', 'units'],
            ]}
            onChoose={(value) => onChange({ units: value })}
          />
          <Choice
            label="Pulled and stacked within"
            value={windowS}
            options={CHANGE_WINDOWS_S.map((seconds) => [seconds, `${seconds} s`] as const)}
            onChoose={(value) => onChange({ windowS: value })}
          />
          <fieldset className="grid gap-1 text-[12px]">
            <legend className="mb-1 text-muted">Columns, where there is room</legend>
            {[...LADDER_COLUMNS].reverse().map((column) => (
              <label key={column} className="flex items-center gap-1.5">
                <input
                  type="checkbox"
                  className="size-3.5 accent-bid"
                  checked={columns.includes(column)}
                  onChange={({ target }) =>
                    onChange({
                      columns: LADDER_COLUMNS.filter((each) =>
                        each === column ? target.checked : columns.includes(each),
                      ),
                    })
                  }
                />
                {COLUMN_WORDS[column]}
              </label>
            ))}
          </fieldset>
        </div>
      </details>
    </PaneBar>
  );
}
