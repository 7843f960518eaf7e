/** Anything: only its own part of an address counts. */
const BASE = 'http://gehra.invalid';

/**
 * An address within this app, as it may be led to after a sign-in or a login: path, query and fragment; `otherwise` for
 * everything that a browser would take elsewhere.
 */
export function localPath(text: string | null | undefined, otherwise: string): string {
  if (!text || !/^\/[\x21-\x7e]*$/.test(text) || /^\/[/\\]/.test(text) || text.includes('\\')) return otherwise;
  if (!URL.canParse(text, BASE)) return otherwise;
  const url = new URL(text, BASE);
  return url.origin === BASE && !url.pathname.startsWith('//') ? `${url.pathname}${url.search}${url.hash}` : otherwise;
}
