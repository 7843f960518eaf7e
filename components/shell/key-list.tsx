import type { Shortcut } from '../../lib/client/shortcuts.ts';

/** Keys and what they do, as a help sheet shows them. */
export function KeyList({ shortcuts }: { shortcuts: readonly Shortcut[] }) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-5 gap-y-1.5">
      {shortcuts.map(({ keys, does }) => (
        <div key={does} className="col-span-2 grid grid-cols-subgrid items-baseline">
          <dt className="flex flex-wrap gap-1">
            {keys.map((key) => (
              <kbd key={key} className="rounded border border-line bg-raised px-1.5 font-mono text-[11px]">
                {key}
              </kbd>
            ))}
          </dt>
          <dd className="text-muted">{does}</dd>
        </div>
      ))}
    </dl>
  );
}
