'use client';

import { Component, type ReactNode } from 'react';

interface Props {
  readonly children: ReactNode;
}

/** Keeps a pane that fails from taking the others with it. */
export class PaneBoundary extends Component<Props, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <div role="alert" className="grid h-full place-items-center p-4 text-center">
        <div>
          <p className="font-medium">This pane failed. Recording is not affected.</p>
          <p className="mt-1 text-muted">{error instanceof Error ? error.message : String(error)}</p>
          <button
            type="button"
            onClick={() => this.setState({ error: null })}
            className="mt-3 rounded border border-edge bg-raised px-3 py-1 hover:bg-hover"
          >
            Try again
          </button>
        </div>
      </div>
    );
  }
}
