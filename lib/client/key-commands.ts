/** All commands that have keys: those that a key may not be bound to twice. */
import type { KeyCommand } from './key-bindings.ts';
import { HEATMAP_KEYS, PANE_KEYS } from './shortcuts.ts';
import { SITE_KEYS } from './site-keys.ts';
import { WORKSPACE_KEYS } from './workspace-keys.ts';

export const KEY_COMMANDS: readonly KeyCommand[] = [...SITE_KEYS, ...HEATMAP_KEYS, ...PANE_KEYS, ...WORKSPACE_KEYS];
