/**
 * systemd units that start Gehra with the machine and before each session, and stop it after the last of the day, by the
 * exchange's calendar: for people who want the processes themselves off outside hours. Without them Gehra may run on; it
 * records by the calendar anyway.
 */
import type { Calendar, Segment } from '../../lib/calendar/calendar.ts';
import { GRACE_US } from '../../lib/calendar/hours.ts';
import { addDays, formatIstDate, IST_OFFSET_US } from '../../lib/core/ist.ts';

/** Section of gehra.service for ./gehra uninstall; systemd passes over what begins with X-. */
export const UNIT_SECTION = 'X-Gehra';
/** Up so long before the first phase: what the night left undone is made up for (workers/jobs/main.ts) before the rehearsal at 08:45. */
const START_LEAD_US = 60 * 60_000_000;
/** What was recorded is written and compressed. */
const STOP_LAG_US = GRACE_US + 9 * 60_000_000;

export interface UnitOptions {
  /** The checkout, and the data folder; absolute. */
  readonly checkout: string;
  readonly dataDir: string;
  /** As whom it runs. */
  readonly user: string;
  readonly segments: readonly Segment[];
  /** First day, ISO; the last is the last that the calendar knows. */
  readonly fromDate: string;
}

/** By file name. */
export function systemdUnits(calendar: Calendar, options: UnitOptions): Record<string, string> {
  const { checkout, dataDir, user, segments, fromDate } = options;
  const startUs: number[] = [];
  const stopUs: number[] = [];
  for (let date = fromDate; date <= calendar.knownUntil; date = addDays(date, 1)) {
    const sessions = segments.flatMap((segment) => calendar.sessionsOn(date, segment));
    if (sessions.length === 0) continue;
    const isUnknown = sessions.some(({ certainty }) => certainty === 'unknown');
    startUs.push(Math.min(...sessions.map(({ fromUs }) => fromUs)) - (isUnknown ? 0 : START_LEAD_US));
    stopUs.push(Math.max(...sessions.map(({ toUs }) => toUs)) + STOP_LAG_US);
  }
  const made = `# Made by ./gehra systemd from the exchange's calendar, which is known until ${calendar.knownUntil}. Make it again then.`;
  const timer = (description: string, unit: string, times: readonly number[]): string =>
    unitFile(made, {
      Unit: [`Description=${description}`],
      Timer: [`Unit=${unit}`, 'AccuracySec=1s', 'Persistent=false', ...onCalendar(times)],
      Install: ['WantedBy=timers.target'],
    });
  return {
    'gehra.service': unitFile(made, {
      Unit: [
        'Description=Gehra records Indian market depth',
        'Wants=network-online.target',
        'After=network-online.target',
      ],
      Service: [
        `User=${user}`,
        `WorkingDirectory=${checkout.replaceAll('%', '%%')}`,
        `ExecStart=${quoted(`${checkout}/gehra`)} up --data ${quoted(dataDir)}`,
        'Restart=on-failure',
        'RestartSec=5',
        // It stops in order on this signal, the databases last.
        'KillSignal=SIGTERM',
        'KillMode=mixed',
        'TimeoutStopSec=120',
        'NoNewPrivileges=yes',
        'ProtectSystem=full',
      ],
      // The timers know their minutes only: after a power cut at noon nothing else would start it before the next morning.
      Install: ['WantedBy=multi-user.target'],
      [UNIT_SECTION]: [`User=${user}`, `DataFolder=${dataDir}`],
    }),
    'gehra-stop.service': unitFile(made, {
      Unit: ['Description=Stops Gehra after the market'],
      Service: ['Type=oneshot', 'ExecStart=systemctl stop gehra.service'],
    }),
    'gehra-start.timer': timer('Starts Gehra before the market', 'gehra.service', startUs),
    'gehra-stop.timer': timer('Stops Gehra after the market', 'gehra-stop.service', stopUs),
  };
}

/** One line a month and time of day: `OnCalendar=2026-11-27,30 08:00:00 Asia/Kolkata`. */
function onCalendar(times: readonly number[]): string[] {
  const groups = new Map<string, string[]>();
  for (const us of times) {
    const date = formatIstDate(us);
    const time = new Date((us + IST_OFFSET_US) / 1000).toISOString().slice(11, 19);
    const key = `${date.slice(0, 7)} ${time}`;
    groups.set(key, [...(groups.get(key) ?? []), date.slice(8)]);
  }
  return [...groups].map(([key, days]) => {
    const [month, time] = key.split(' ');
    return `OnCalendar=${month}-${days.join(',')} ${time} Asia/Kolkata`;
  });
}

const unitFile = (heading: string, sections: Record<string, readonly string[]>): string =>
  `${heading}\n${Object.entries(sections)
    .map(([name, lines]) => `\n[${name}]\n${lines.join('\n')}\n`)
    .join('')}`;

/** A path as systemd reads it: in quotes, with its own signs escaped. */
const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;
