'use client';

import { useLayoutEffect, useRef, useState } from 'react';

/**
 * The elements that panes are rendered into. A pane's element moves from place to place when the layout changes, and what is in
 * it goes on as it was: React would begin a pane anew that has another parent.
 */
export class PaneHosts {
  private readonly hosts = new Map<string, HTMLElement>();

  of(id: string): HTMLElement {
    let host = this.hosts.get(id);
    if (!host) {
      host = document.createElement('div');
      host.className = 'relative h-full min-h-0 min-w-0';
      this.hosts.set(id, host);
    }
    return host;
  }

  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.hosts.keys()) if (!ids.has(id)) this.hosts.delete(id);
  }
}

export const usePaneHosts = (): PaneHosts => useState(() => new PaneHosts())[0];

/** Puts a pane's element into the one that the ref is given. */
export function useHosted(hosts: PaneHosts, id: string) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => place.current?.append(hosts.of(id)), [hosts, id]);
  return place;
}
