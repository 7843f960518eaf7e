import { safePath } from '../auth/safe-path.ts';

/** Where to sign in, for somebody who wants to go to `path` afterwards. */
export function loginPath(path: string): string {
  const next = safePath(path);
  return next === '/' ? '/login' : `/login?next=${encodeURIComponent(next)}`;
}
