/** `/.well-known/security.txt` after RFC 9116: whom to tell of a fault of this installation. */
import { RequestError } from './errors.ts';

export const SECURITY_TEXT_PATH = '/.well-known/security.txt';
/** The text says until when it may be believed; it is made anew each time. */
const BELIEVED_MS = 30 * 24 * 3_600_000;

/**
 * @param contact of who runs this server: SECURITY_CONTACT
 * @param origin under which it is reached
 * @throws RequestError 404 where nobody is named
 */
export function securityText(contact: string, origin: string, nowMs: number): string {
  if (contact === '') {
    throw new RequestError(
      404,
      'No contact',
      'Who runs this server has named no contact (SECURITY_CONTACT). For a fault of Gehra itself see SECURITY.md in its sources.',
    );
  }
  return [
    `Contact: ${contact}`,
    `Expires: ${new Date(nowMs + BELIEVED_MS).toISOString().replace(/\.\d+/, '')}`,
    `Canonical: ${origin}${SECURITY_TEXT_PATH}`,
    'Preferred-Languages: en',
    '',
  ].join('\n');
}
