import clsx from 'clsx';
import type { ChartReadout } from '../../../lib/client/chart-session.ts';

type Readout = Pick<ChartReadout, 'moment' | 'legend' | 'note' | 'failures'>;

/** One line: the numbers under the crosshair, else the newest. */
export function FlowLegend({ readout }: { readonly readout: Readout | null }) {
  return (
    <section
      aria-label="Values"
      className="flex min-h-6 flex-wrap items-baseline gap-x-3 border-b border-line px-2 py-0.5 font-mono text-[12px]"
    >
      {readout?.moment ? <span className="text-muted">{readout.moment}</span> : null}
      {readout?.legend.map(({ name, value, sign }) => (
        <span key={name}>
          <span className="text-muted">{name} </span>
          <span className={clsx(sign > 0 && 'text-up', sign < 0 && 'text-down')}>{value}</span>
        </span>
      ))}
      {readout?.note ? <span className="text-warn">{readout.note}</span> : null}
      {readout?.failures.map((failure) => (
        <span key={failure} className="text-fault">
          {failure}
        </span>
      ))}
    </section>
  );
}
