import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * A new data folder that everybody may pass through: for root PostgreSQL runs as another user, and a folder that he cannot
 * enter would have its database elsewhere, where no test removes it.
 */
export function newDataFolder(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'gehra-test-'));
  chmodSync(dir, 0o711);
  return dir;
}
