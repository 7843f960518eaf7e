/** Parquet, a row group a batch: no more than one batch is in memory. Instants are TIMESTAMP(MICROS, UTC), lists LIST. */
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter as Writer } from 'hyparquet-writer';
import type { ExportColumn, ExportColumnType, ExportValue } from '../core/exports.ts';
import type { RowBatch } from './row-batch.ts';
import type { Sink } from './sink.ts';
import type { RowWriter } from './text-writer.ts';

/** Name under which the words about the rows stand in the file's metadata. */
export const PARQUET_ABOUT_KEY = 'gehra';

const INT64_TYPES: ReadonlySet<ExportColumnType> = new Set(['instant', 'int64']);

const PRIMITIVES: Readonly<Record<ExportColumnType, Omit<SchemaElement, 'name'>>> = {
  instant: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
  int16: { type: 'INT32' },
  int32: { type: 'INT32' },
  int64: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  'int32[]': { type: 'INT32' },
  'int64[]': { type: 'INT64' },
};

export class ParquetWriter implements RowWriter {
  private readonly bytes = new ByteWriter(1024 * 1024);
  private readonly writer: Writer;

  constructor(
    private readonly sink: Sink,
    private readonly columns: readonly ExportColumn[],
  ) {
    this.writer = new Writer({
      writer: this.bytes,
      schema: [{ name: 'root', num_children: columns.length }, ...columns.flatMap(schemaOf)],
      createdBy: 'gehra',
    });
  }

  begin(): Promise<void> {
    return this.flush();
  }

  async write({ count, values }: RowBatch): Promise<void> {
    if (count === 0) return;
    const columnData = this.columns.map(({ name, type }, c) => ({
      name,
      data: physical(type, values[c] as ExportValue[]),
    }));
    await this.writer.write({ columnData, rowGroupSize: count });
    await this.flush();
  }

  async end(about: string): Promise<void> {
    this.writer.kvMetadata = [{ key: PARQUET_ABOUT_KEY, value: about }];
    await this.writer.finish();
    await this.flush();
  }

  private async flush(): Promise<void> {
    await this.sink.write(this.bytes.getBytes());
    this.bytes.index = 0;
  }
}

function schemaOf({ name, type, nullable }: ExportColumn): SchemaElement[] {
  const repetition_type = nullable ? 'OPTIONAL' : 'REQUIRED';
  if (!type.endsWith('[]')) return [{ name, repetition_type, ...PRIMITIVES[type] }];
  return [
    { name, repetition_type, converted_type: 'LIST', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'REQUIRED', ...PRIMITIVES[type] },
  ];
}

/** Values as the library takes them: 64-bit numbers as BigInts, of which the same one follows itself often. */
function physical(type: ExportColumnType, values: ExportValue[]): unknown[] {
  if (type === 'int64[]') return values.map((list) => (list as readonly number[] | null)?.map(BigInt) ?? null);
  if (!INT64_TYPES.has(type)) return values;
  let known: ExportValue = null;
  let big: bigint | null = null;
  return values.map((value) => {
    if (value !== known) {
      known = value;
      big = value === null ? null : BigInt(value as number);
    }
    return big;
  });
}
