import type { BarReading } from '../../../lib/client/chart-session.ts';

interface Props {
  readonly caption: string;
  readonly columns: readonly string[];
  /** Oldest first. */
  readonly rows: readonly BarReading[];
}

/** The visible bars to be read out; it is not shown. */
export function BarTable({ caption, columns, rows }: Props) {
  return (
    <table className="sr-only">
      <caption>{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ us, cells: [first, ...others] }) => (
          <tr key={us}>
            <th scope="row">{first}</th>
            {others.map((cell, i) => (
              <td key={columns[i + 1]}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
