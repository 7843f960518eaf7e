/** `./gehra import FILE…`: recordings of others into the database. */
import { type Client, connect } from '../../db/connect.ts';
import { type ImportSession, importSessions } from '../../db/imports.ts';
import { type Config, loadConfig } from '../../lib/config/config.ts';
import { parseSlug } from '../../lib/core/instrument.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import { addressForLog } from '../../lib/obs/log.ts';
import { inIst } from '../../lib/services/times.ts';
import { type ImportProgress, type ImportResult, importRecording } from '../import/importer.ts';
import { type MoveResult, moveIn } from '../import/move-in.ts';
import { readRunningState } from '../instance/state.ts';
import { checkDatabase } from '../services/given-servers.ts';
import { type Output, standardOutput } from '../terminal/steps.ts';
import { table } from '../terminal/table.ts';
import { UserError } from '../user-error.ts';

export interface ImportOptions {
  readonly dataDir: string;
  readonly list?: boolean;
  /** Address of a database of the predecessor. */
  readonly from?: string;
  /** Securities of it that it does not name itself: `49543=NFO:NIFTY25DECFUT`. */
  readonly security?: readonly string[];
}

/** Where lines cannot be written over, progress is told this often, ms. */
const TOLD_MS = 5000;
const CLEAR_LINE = '\r\u001b[K';

export async function importFiles(files: readonly string[], options: ImportOptions): Promise<void> {
  const { dataDir, list, from } = options;
  // What stands in an address is nobody's business who lists the processes of this machine.
  if (from) process.title = 'gehra import';
  if (!list && !from && files.length === 0) {
    throw new UserError('Name the recordings to import, or a database with --from, or ask for --list.');
  }
  const config = loadConfig();
  const url = config.databaseDirectUrl || config.databaseUrl || readRunningState(dataDir)?.databaseDirectUrl;
  if (!url) {
    throw new UserError(
      `There is no database to import into: no instance runs in ${dataDir}, and DATABASE_URL is not set. Start one with: ./gehra up --data '${dataDir}'`,
    );
  }
  const client = await connect(url, 'import');
  try {
    if (from) await importDatabase(client, from, options.security ?? [], config, standardOutput);
    for (const file of files) {
      const progress = new Progress(file, standardOutput);
      const result = await importRecording(client, file, Date.now() * 1000, (reached) => progress.show(reached));
      progress.end();
      tell(result, standardOutput);
    }
    if (list) listSessions(await importSessions(client), standardOutput);
  } finally {
    await client.end();
  }
}

async function importDatabase(
  target: Client,
  from: string,
  securities: readonly string[],
  { keepDays }: Config,
  output: Output,
): Promise<void> {
  if (!URL.canParse(from) || !/^postgres(ql)?:$/.test(new URL(from).protocol)) {
    throw new UserError('--from: that is no address of a database, as postgres://USER@HOST:5432/NAME.');
  }
  const { hostname, port, pathname } = new URL(from);
  await checkDatabase(from, '--from');
  const source = await connect(from, 'import-source');
  let toldMs = performance.now();
  try {
    const result = await moveIn(source, target, {
      name: `${hostname}:${port || 5432}${pathname}`,
      securities: new Map(securities.map(securityNamed)),
      keepDays,
      nowUs: wallClockUs(),
      onProgress: ({ table: name, day, rows }) => {
        if (!output.isTerminal && performance.now() - toldMs < TOLD_MS) return;
        toldMs = performance.now();
        const text = `${name} of ${day}: ${rows} rows`;
        output.write(output.isTerminal ? `${CLEAR_LINE}${text}` : `${text}\n`);
      },
    });
    if (output.isTerminal) output.write(CLEAR_LINE);
    tellMoved(result, addressForLog(from), output);
  } finally {
    await source.end();
  }
}

function securityNamed(text: string): [number, string] {
  const [, number, slug] = /^(\d+)=(.+)$/.exec(text) ?? [];
  if (!number || !slug || parseSlug(slug) === null) {
    throw new UserError(`--security ${text}: that is not of the form 49543=NFO:NIFTY25DECFUT.`);
  }
  return [Number(number), slug];
}

function tellMoved({ days, tooOld, absent, madeUp }: MoveResult, address: string, output: Output): void {
  const count = (value: number): string => value.toLocaleString('en-IN');
  const rows = days.map(({ table: name, day, sourceRows, storedRows, leftOut, shiftMinutes }) => [
    day,
    name,
    count(sourceRows),
    count(storedRows),
    [
      ...Object.entries(leftOut).map(([reason, number]) => `${count(number)} ${reason}`),
      ...(shiftMinutes === 0 ? [] : [`times moved by ${shiftMinutes} min`]),
    ].join(', '),
  ]);
  output.write(table([['day', 'table', 'there', 'here', 'left out'], ...rows]));
  output.write(`${address}: ${days.length} days of its tables are here, counted in both.\n`);
  output.write(
    'Computed anew, and not copied: volume_delta and the other changes, aggressor_side, cvd_change, toxicities (docs/MOVING_IN.md).\n',
  );
  for (const [name, old] of tooOld) {
    const variable =
      { ticks: 'TICKS_KEEP_DAYS', depth_signals: 'SIGNALS_KEEP_DAYS' }[name as string] ?? 'DEPTH_KEEP_DAYS';
    output.write(
      `${name}: ${old.length} days up to ${old.at(-1)} are older than ${variable} keeps and were left there.\n`,
    );
  }
  if (absent.length > 0) output.write(`Not in that database: ${absent.join(', ')}.\n`);
  for (const { securityId, slug } of madeUp) {
    output.write(
      `It does not name security ${securityId}, which is kept as ${slug}; if you know it, begin with --security ${securityId}=EXCHANGE:SYMBOL.\n`,
    );
  }
}

class Progress {
  private toldMs = performance.now();
  private isShown = false;

  constructor(
    private readonly file: string,
    private readonly output: Output,
  ) {}

  show({ atUs, ticks, books, badLines }: ImportProgress): void {
    const { isTerminal } = this.output;
    if (!isTerminal && performance.now() - this.toldMs < TOLD_MS) return;
    this.toldMs = performance.now();
    this.isShown = isTerminal;
    const bad = badLines > 0 ? `, ${badLines} bad lines` : '';
    const text = `${this.file}: up to ${inIst(atUs)}, ${ticks} ticks, ${books} sides of books${bad}`;
    this.output.write(isTerminal ? `${CLEAR_LINE}${text}` : `${text}\n`);
  }

  end(): void {
    if (this.isShown) this.output.write(CLEAR_LINE);
  }
}

function tell({ session, ticks, books, bad, wasComplete }: ImportResult, output: Output): void {
  const { feed, instrument, name, scaling, positionUs } = session;
  if (wasComplete) {
    output.write(
      `${feed} (${instrument}): ${name} is there already, with ${session.ticks} ticks. Nothing was changed.\n`,
    );
    return;
  }
  const how = positionUs > 0 ? `went on after ${inIst(positionUs)}, ` : '';
  output.write(`${feed} (${instrument}): ${name}, ${how}${ticks} ticks and ${books} sides of books stored.\n`);
  if (scaling) output.write(`  ${scaling}\n`);
  if (bad.count === 0) return;
  output.write(`  ${bad.count} bad lines were left out:\n`);
  for (const line of bad.named) output.write(`    ${line}\n`);
  if (bad.count > bad.named.length) output.write(`    and ${bad.count - bad.named.length} more\n`);
}

function listSessions(sessions: readonly ImportSession[], output: Output): void {
  if (sessions.length === 0) {
    output.write('Nothing was imported.\n');
    return;
  }
  const rows = sessions.map((one) => [
    one.feed,
    one.instrument,
    one.file,
    one.fromUs === null ? '–' : inIst(one.fromUs),
    one.toUs === null ? '–' : inIst(one.toUs),
    String(one.ticks),
    String(one.books),
    String(one.badLines),
    one.finished ? 'complete' : 'not complete: import it again',
  ]);
  output.write(
    table([['session', 'instrument', 'file', 'from', 'to', 'ticks', 'sides', 'bad lines', 'state'], ...rows]),
  );
}
