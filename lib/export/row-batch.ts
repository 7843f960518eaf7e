import type { ExportValue } from '../core/exports.ts';

/** Rows on their way to a file, column by column; reused from batch to batch. */
export class RowBatch {
  count = 0;
  /** By column, each with `count` values. */
  readonly values: ExportValue[][];

  constructor(columns: number) {
    this.values = Array.from({ length: columns }, () => []);
  }

  add(row: readonly ExportValue[]): void {
    for (let c = 0; c < this.values.length; c += 1) this.values[c]?.push(row[c] ?? null);
    this.count += 1;
  }

  clear(): void {
    for (const column of this.values) column.length = 0;
    this.count = 0;
  }
}
