/** `./gehra export`: what is stored of an instrument, into a file or to the output, without a job. */
import { existsSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Client, connect } from '../../db/connect.ts';
import { findInstruments } from '../../db/instruments.ts';
import { loadConfig } from '../../lib/config/config.ts';
import { type ExportFormat, type ExportKind, isFormatOf } from '../../lib/core/exports.ts';
import { FEEDS } from '../../lib/core/feeds.ts';
import { parseSlug } from '../../lib/core/instrument.ts';
import { type ExportAsk, ExportError } from '../../lib/export/ask.ts';
import { PartFile } from '../../lib/export/files.ts';
import { type Sink, StreamSink } from '../../lib/export/sink.ts';
import { type Written, writeExport } from '../../lib/export/write-export.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import type { BarInterval } from '../../lib/orderflow/bar-intervals.ts';
import { readRunningState } from '../instance/state.ts';
import { EXIT, UserError } from '../user-error.ts';

export interface ExportOptions {
  readonly dataDir: string;
  readonly instrument: string;
  readonly what: ExportKind;
  readonly format: ExportFormat;
  readonly interval?: BarInterval;
  readonly feed?: string;
  /** µs since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Absolute; undefined: to the output. */
  readonly out?: string;
}

export async function exportRows(options: ExportOptions): Promise<void> {
  const { what, format, interval, from, to } = options;
  if (!isFormatOf(what, format)) throw new UserError(`${what} cannot be had as ${format}.`, EXIT.usage);
  if ((what === 'bars') !== (interval !== undefined)) {
    throw new UserError('--interval is the length of bars: bars need one, others have none.', EXIT.usage);
  }
  if (to <= from) throw new UserError('--to must be later than --from.', EXIT.usage);
  const url = loadConfig().databaseUrl || readRunningState(options.dataDir)?.databaseUrl;
  if (!url) throw new UserError(`No instance is ready in ${options.dataDir}, and DATABASE_URL is not set.`);
  const client = await connect(url, 'export');
  try {
    const ask = await askedFor(client, options);
    const { rows, gaps } =
      options.out === undefined ? await toOutput(ask, client) : await toFile(ask, client, options.out);
    process.stderr.write(
      `${rows} rows; ${gaps === 0 ? 'no gap' : gaps === 1 ? '1 gap' : `${gaps} gaps`} in the interval\n`,
    );
  } catch (error) {
    if (error instanceof ExportError) throw new UserError(error.message);
    throw error;
  } finally {
    await client.end();
  }
}

async function askedFor(client: Client, options: ExportOptions): Promise<ExportAsk> {
  const { instrument: slug, what, format, interval, feed, from, to } = options;
  const name = parseSlug(slug);
  const [instrument] = name ? await findInstruments(client, [name]) : [];
  if (!instrument) throw new UserError(`There is no instrument ${slug}. Write it as EXCHANGE:SYMBOL.`);
  return {
    kind: what,
    format,
    instrument,
    interval: interval ?? null,
    fromUs: from,
    toUs: to,
    feedId: FEEDS.find((one) => one.name === feed)?.id ?? null,
  };
}

function write(ask: ExportAsk, client: Client, sink: Sink): Promise<Written> {
  return writeExport(ask, {
    client,
    sink,
    onProgress: () => undefined,
    keepDays: loadConfig().keepDays,
    nowUs: wallClockUs,
  });
}

/** What is said beside the rows goes to the other output. */
async function toOutput(ask: ExportAsk, client: Client): Promise<Written> {
  const written = await write(ask, client, new StreamSink(process.stdout));
  process.stderr.write(written.about);
  return written;
}

/** Under its name only when it is whole, and what is said of it beside it. */
async function toFile(ask: ExportAsk, client: Client, out: string): Promise<Written> {
  if (existsSync(out)) throw new UserError(`${out} is there already: choose another name, or remove it.`);
  const part = await PartFile.create(out, `.${process.pid}`).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`${out} cannot be written: ${error.message}`);
  });
  const about = path.join(path.dirname(out), `${path.parse(out).name}.about.json`);
  try {
    const written = await write(ask, client, part.sink);
    await writeFile(about, written.about, { mode: 0o600 });
    await part.sync();
    await part.publish();
    return written;
  } catch (error) {
    await part.discard();
    rmSync(about, { force: true });
    throw error;
  }
}
