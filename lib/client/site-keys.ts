/** Keys of every page. */
import type { KeyCommand } from './key-bindings.ts';

export type SiteAction = { readonly type: 'search' } | { readonly type: 'palette' } | { readonly type: 'help' };

export const PALETTE: KeyCommand<SiteAction> = {
  id: 'palette',
  does: 'Commands: everything that can be done here, by name',
  keys: ['Ctrl+K'],
  action: { type: 'palette' },
};

export const SEARCH: KeyCommand<SiteAction> = {
  id: 'search',
  does: 'Search instruments',
  keys: ['/'],
  action: { type: 'search' },
};

export const HELP: KeyCommand<SiteAction> = {
  id: 'help',
  does: 'Keys, and changing them',
  keys: ['?', 'Alt+Shift+H'],
  action: { type: 'help' },
};

export const SITE_KEYS: readonly KeyCommand<SiteAction>[] = [PALETTE, SEARCH, HELP];
