import { DETECTOR_OPTIONS, DETECTORS_OF, type DetectorName } from '../../lib/signals/detector-options.ts';
import type { SignalKind } from '../../lib/signals/signal.ts';

/** The numbers by which signals of a kind are found, as the live worker uses them. */
export function DetectorParameters({ kind }: { readonly kind: SignalKind }) {
  return (
    <section aria-label="Parameters" className="mt-6">
      <h2 className="font-semibold">Parameters</h2>
      <p className="mt-1 max-w-prose text-muted">
        As they are live. Usual sizes are learned for each instrument by itself; a backtest can try other numbers.
      </p>
      <div className="flex flex-wrap gap-x-12">
        {DETECTORS_OF[kind].map((name) => (
          <Parameters key={name} name={name} />
        ))}
      </div>
    </section>
  );
}

function Parameters({ name }: { readonly name: DetectorName }) {
  const { defaults, ranges } = DETECTOR_OPTIONS[name];
  const units = ranges as Readonly<Record<string, { readonly unit: string }>>;
  return (
    <table className="mt-3">
      <caption className="text-left font-medium">{name.replaceAll('_', ' ')}</caption>
      <thead className="sr-only">
        <tr>
          <th>Parameter</th>
          <th>Value</th>
          <th>Unit</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(defaults).map(([option, value]) => (
          <tr key={option} className="border-t border-line">
            <th scope="row" className="py-0.5 pr-6 text-left font-normal">
              {option}
            </th>
            <td className="pr-2 text-right font-mono tabular-nums">{number.format(value)}</td>
            <td className="text-muted">{units[option]?.unit}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const number = new Intl.NumberFormat('en-IN', { maximumSignificantDigits: 6 });
