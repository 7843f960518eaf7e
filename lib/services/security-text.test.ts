import { expect, it } from 'vitest';
import { loadConfig } from '../config/config.ts';
import { securityText } from './security-text.ts';

it('names who runs the server, and until when that may be believed', () => {
  expect(securityText('mailto:me@gehra.test', 'https://gehra.test', Date.UTC(2026, 10, 27, 9, 15, 0, 5))).toBe(
    'Contact: mailto:me@gehra.test\nExpires: 2026-12-27T09:15:00Z\nCanonical: https://gehra.test/.well-known/security.txt\nPreferred-Languages: en\n',
  );
});

it('is not there where nobody is named', () => {
  expect(() => securityText('', 'https://gehra.test', 0)).toThrow(/SECURITY_CONTACT/);
});

it.each(['me@gehra.test', 'http://gehra.test', 'mailto:a\nContact: mailto:evil', 'javascript:alert(1)'])(
  'takes no contact that is none: %j',
  (contact) => {
    expect(() => loadConfig({ SECURITY_CONTACT: contact })).toThrow(/SECURITY_CONTACT/);
  },
);
