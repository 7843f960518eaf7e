/** `./gehra import FILE…`: recordings of others into the database. */
import { connect } from '../../db/connect.ts';
import { type ImportSession, importSessions } from '../../db/imports.ts';
import { loadConfig } from '../../lib/config/config.ts';
import { inIst } from '../../lib/services/times.ts';
import { type ImportProgress, type ImportResult, importRecording } from '../import/importer.ts';
import { readRunningState } from '../instance/state.ts';
import { type Output, standardOutput } from '../terminal/steps.ts';
import { table } from '../terminal/table.ts';
import { UserError } from '../user-error.ts';

export interface ImportOptions {
  readonly dataDir: string;
  readonly list?: boolean;
}

/** Where lines cannot be written over, progress is told this often, ms. */
const TOLD_MS = 5000;
const CLEAR_LINE = '\r\u001b[K';

export async function importFiles(files: readonly string[], { dataDir, list }: ImportOptions): Promise<void> {
  if (!list && files.length === 0) throw new UserError('Name the recordings to import, or ask for --list.');
  const config = loadConfig();
  const url = config.databaseDirectUrl || config.databaseUrl || readRunningState(dataDir)?.databaseDirectUrl;
  if (!url) {
    throw new UserError(
      `There is no database to import into: no instance runs in ${dataDir}, and DATABASE_URL is not set. Start one with: ./gehra up --data '${dataDir}'`,
    );
  }
  const client = await connect(url, 'import');
  try {
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
