/** `./gehra systemd`: writes units that run Gehra on trading days only. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { segmentsOf } from '../../lib/calendar/calendar.ts';
import { MarketHours } from '../../lib/calendar/hours.ts';
import { packageRoot } from '../../lib/config/root.ts';
import { formatIstDate } from '../../lib/core/ist.ts';
import { CalendarFileError, readEntered } from '../../lib/net/calendar-file.ts';
import { readPlan } from '../../lib/net/plan-file.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import { systemdUnits } from '../systemd/units.ts';
import { UserError } from '../user-error.ts';

export interface SystemdOptions {
  readonly dataDir: string;
  /** As whom it runs; default: whoever asks. */
  readonly user?: string;
  /** Where the units are written; absolute. */
  readonly to: string;
}

export function systemd({ dataDir, to, user = userInfo().username }: SystemdOptions): void {
  const units = unitsOf({ dataDir, user, checkout: packageRoot });
  mkdirSync(to, { recursive: true });
  for (const [name, text] of Object.entries(units)) {
    writeFileSync(path.join(to, name), text);
    process.stdout.write(`${path.join(to, name)}\n`);
  }
  process.stdout.write(
    `\nTo use them:\n  sudo cp ${path.join(to, 'gehra*')} /etc/systemd/system/\n  sudo systemctl daemon-reload\n` +
      '  sudo systemctl enable gehra.service\n  sudo systemctl enable --now gehra-start.timer gehra-stop.timer\n' +
      'Make them again when the calendar has changed: a new year, a late holiday, the hours of a Muhurat session.\n',
  );
}

/** The units as the calendar is now, from today on, by file name. */
export function unitsOf(whose: { dataDir: string; user: string; checkout: string }): Record<string, string> {
  return systemdUnits(calendarOf(whose.dataDir), {
    ...whose,
    segments: recordedSegments(whose.dataDir),
    fromDate: formatIstDate(wallClockUs()),
  });
}

function calendarOf(dataDir: string) {
  try {
    return new MarketHours('calendar', readEntered(dataDir)).calendar;
  } catch (error) {
    if (error instanceof CalendarFileError) throw new UserError(error.message);
    throw error;
  }
}

/** Segments of what is recorded; before there is a plan, NSE's. */
function recordedSegments(dataDir: string) {
  const instruments = readPlan(dataDir)?.feeds.flatMap((feed) => feed.instruments) ?? [];
  const exchanges = instruments.length > 0 ? instruments.map(({ exchange }) => exchange) : (['NSE', 'NFO'] as const);
  return [...new Set(exchanges.flatMap(segmentsOf))];
}
