/** What a browser may do with an answer (Content-Security-Policy). */

/** Of any answer: no other site shows it in a frame. */
export const ANSWER_POLICY = "frame-ancestors 'none'; base-uri 'none'; object-src 'none'";

/** The request header by which a page learns which nonce its own scripts must carry; set by the server, never by who asks. */
export const NONCE_HEADER = 'x-gehra-nonce';

/**
 * Of a page: it runs our files and what carries its nonce, and talks to nobody but us. Styles stand in attributes too, as React
 * and the charts write them.
 *
 * @param nonce of this answer alone, base64
 */
export const pagePolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "media-src 'self' data:",
    "form-action 'self'",
    ANSWER_POLICY,
  ].join('; ');
