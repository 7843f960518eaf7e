/** Where somebody is sent after signing in: a place of this server, whatever was asked for. */

const BASE = 'http://here.invalid';

/** The path, query and fragment of a place on this server; `/` where the text leads elsewhere or nowhere. */
export function safePath(text: string | null | undefined): string {
  // Browsers take a backslash for a slash, and leave tabs and line ends out.
  if (!text || !/^\/(?![/\\])/.test(text) || /[\\\p{Cc}]/u.test(text)) return '/';
  if (!URL.canParse(text, BASE)) return '/';
  const { origin, pathname, search, hash } = new URL(text, BASE);
  // `/..//evil` becomes `//evil`.
  return origin === BASE && !pathname.startsWith('//') ? `${pathname}${search}${hash}` : '/';
}
