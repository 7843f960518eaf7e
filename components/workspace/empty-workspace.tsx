import type { Layout } from '../../lib/client/workspace-layout.ts';
import { PANE_KINDS } from './pane-kinds.ts';
import { SAMPLE_LAYOUTS } from './sample-layouts.ts';

interface Props {
  onSample(layout: Layout): void;
  onPane(kind: string): void;
}

/** What a workspace without panes says. */
export function EmptyWorkspace({ onSample, onPane }: Props) {
  return (
    <div className="grid h-full place-items-center overflow-y-auto p-4">
      <div className="w-full max-w-2xl">
        <h2 className="text-[15px] font-semibold">Nothing is open here yet</h2>
        <p className="mt-1 text-muted">
          A workspace is made of panes that you split, move and resize as you like. Panes of one colour show the same
          instrument. It is kept in this browser.
        </p>
        <h3 className="mt-5 font-medium">Begin with a layout</h3>
        <ul className="mt-2 grid gap-2 sm:grid-cols-3">
          {SAMPLE_LAYOUTS.map(({ name, about, layout }) => (
            <li key={name}>
              <button
                type="button"
                onClick={() => onSample(layout)}
                className="flex h-full w-full flex-col rounded-lg border border-line bg-panel p-3 text-left hover:border-edge hover:bg-hover"
              >
                <span className="font-medium">{name}</span>
                <span className="mt-1 block text-muted">{about}</span>
              </button>
            </li>
          ))}
        </ul>
        <h3 className="mt-5 font-medium">Or with one pane</h3>
        <ul className="mt-2 flex flex-wrap gap-2">
          {PANE_KINDS.map(({ kind, title }) => (
            <li key={kind}>
              <button
                type="button"
                onClick={() => onPane(kind)}
                className="rounded border border-edge bg-raised px-3 py-1 hover:bg-hover"
              >
                {title}
              </button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
