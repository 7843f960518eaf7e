import { localPath } from '../core/local-path.ts';

/** Where to sign in, for somebody who wants to go to `path` afterwards. */
export function loginPath(path: string): string {
  const next = localPath(path, '/');
  return next === '/' ? '/login' : `/login?next=${encodeURIComponent(next)}`;
}
