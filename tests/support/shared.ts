/**
 * Recordings, protocol fixtures and reference results that stand beside the checkout and are not part of it. A test that
 * needs them skips, saying so, where they are absent.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../../shared');

export const sharedPath = (...parts: string[]): string => path.join(root, ...parts);

/** `describe`, or a skipped one that names what is missing. */
export function describeWithShared(part: string, title: string, body: () => void): void {
  const present = existsSync(sharedPath(part));
  describe.skipIf(!present)(present ? title : `${title} (skipped: no shared/${part} beside the checkout)`, body);
}

export const readShared = (...parts: string[]): Buffer => readFileSync(sharedPath(...parts));

export const readSharedJson = <T>(...parts: string[]): T => JSON.parse(readShared(...parts).toString('utf8')) as T;

/** Names in a folder there, without the given ending; empty where the folder is absent. */
export function listShared(ending: string, ...parts: string[]): string[] {
  const folder = sharedPath(...parts);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort();
}
