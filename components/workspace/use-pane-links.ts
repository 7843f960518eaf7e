'use client';

import { useState } from 'react';
import { PaneLink } from '../../lib/client/pane-link.ts';
import type { PaneSpec } from '../../lib/client/workspace-layout.ts';

/** The link that a pane has with its group; of its own where it has none. */
export function usePaneLinks(): (pane: PaneSpec) => PaneLink {
  const [links] = useState(() => new Map<string, PaneLink>());
  return ({ id, group }) => {
    const key = group === null ? `pane ${id}` : `group ${group}`;
    let link = links.get(key);
    if (!link) {
      link = new PaneLink();
      links.set(key, link);
    }
    return link;
  };
}
