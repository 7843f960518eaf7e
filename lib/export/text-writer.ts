/**
 * CSV and NDJSON. Written here and not by a library: every field is a number, an instant, a list of numbers or one of our own
 * words, and the CSV library of our choice takes eight to twenty times as long for them (100,000 rows of nine columns in 1.0–2.5 s
 * against 0.12–0.36 s), which over a day of levels is an hour.
 */
import type { ExportColumn, ExportValue } from '../core/exports.ts';
import { instantText } from './instant-text.ts';
import type { RowBatch } from './row-batch.ts';
import type { Sink } from './sink.ts';

/** Text is handed on in pieces of this many characters at least. */
const PIECE = 256 * 1024;

export interface RowWriter {
  begin(): Promise<void>;
  /** Writes all rows of a batch, which may be used again afterwards. */
  write(batch: RowBatch): Promise<void>;
  /** @param about for formats that hold words about their rows */
  end(about: string): Promise<void>;
}

/** After RFC 4180, with a header; lines end with LF. NULL is an empty field, a list is `"[1,2]"`. */
export class CsvWriter implements RowWriter {
  constructor(
    private readonly sink: Sink,
    private readonly columns: readonly ExportColumn[],
  ) {}

  async begin(): Promise<void> {
    await this.sink.write(Buffer.from(`${this.columns.map(({ name }) => name).join(',')}\n`));
  }

  async write({ count, values }: RowBatch): Promise<void> {
    const { columns } = this;
    const isInstant = columns.map(({ type }) => type === 'instant');
    let text = '';
    for (let row = 0; row < count; row += 1) {
      for (let c = 0; c < columns.length; c += 1) {
        if (c > 0) text += ',';
        const value = (values[c] as ExportValue[])[row] as ExportValue;
        if (value === null) continue;
        if (isInstant[c]) text += instantText(value as number);
        else if (typeof value === 'object') text += `"[${value.join(',')}]"`;
        else text += value;
      }
      text += '\n';
      if (text.length >= PIECE) {
        await this.sink.write(Buffer.from(text));
        text = '';
      }
    }
    await this.sink.write(Buffer.from(text));
  }

  async end(): Promise<void> {
    // Nothing stands after the last row.
  }
}

/** One JSON object a line, every column in each. */
export class NdjsonWriter implements RowWriter {
  constructor(
    private readonly sink: Sink,
    private readonly columns: readonly ExportColumn[],
  ) {}

  async begin(): Promise<void> {
    // Nothing stands before the first row.
  }

  async write({ count, values }: RowBatch): Promise<void> {
    const { columns } = this;
    const keys = columns.map(({ name }, c) => `${c === 0 ? '{' : ','}${JSON.stringify(name)}:`);
    const isInstant = columns.map(({ type }) => type === 'instant');
    let text = '';
    for (let row = 0; row < count; row += 1) {
      for (let c = 0; c < columns.length; c += 1) {
        const value = (values[c] as ExportValue[])[row] as ExportValue;
        text += keys[c];
        if (value === null) text += 'null';
        else if (isInstant[c]) text += `"${instantText(value as number)}"`;
        else if (typeof value === 'object') text += `[${value.join(',')}]`;
        else text += typeof value === 'string' ? JSON.stringify(value) : value;
      }
      text += '}\n';
      if (text.length >= PIECE) {
        await this.sink.write(Buffer.from(text));
        text = '';
      }
    }
    await this.sink.write(Buffer.from(text));
  }

  async end(): Promise<void> {
    // Nothing stands after the last row.
  }
}
