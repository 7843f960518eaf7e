import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { loadConfig } from '../config/config.ts';
import { addressOf, askedPath, headersOf, ownOrigin, stampRequest, wasForwarded } from './request-facts.ts';

function stamped(environment: Record<string, string>, peer: string, headers: Record<string, string>) {
  const request = {
    headers: { host: 'localhost:3000', ...headers },
    socket: { remoteAddress: peer },
    url: '/live/x?y=1',
  } as unknown as IncomingMessage;
  stampRequest(loadConfig(environment), request);
  const facts = headersOf(request);
  // As Next.js does on the way to a handler.
  facts.append('x-forwarded-for', peer);
  return {
    address: addressOf(facts),
    origin: ownOrigin(facts),
    path: askedPath(facts),
    forwarded: wasForwarded(facts),
  };
}

const PROXY = { TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8, fd00::/8' };

it('S29: takes the address of the connection, whatever a stranger writes', () => {
  const lies: Record<string, string>[] = [
    {},
    { 'x-forwarded-for': '198.51.100.1' },
    { 'x-gehra-address': '198.51.100.1', 'x-gehra-origin': 'https://evil.example', 'x-gehra-path': '//evil' },
    { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
  ];
  for (const headers of lies) {
    expect(stamped({}, '::ffff:203.0.113.5', headers)).toEqual({
      address: '203.0.113.5',
      origin: 'http://localhost:3000',
      path: '/live/x?y=1',
      forwarded: Object.keys(headers).some((name) => name.startsWith('x-forwarded')),
    });
    expect(stamped(PROXY, '203.0.113.5', headers).address).toBe('203.0.113.5');
  }
});

it.each([
  ['127.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['127.0.0.1', '6.6.6.6, 198.51.100.1', '198.51.100.1'],
  ['10.1.2.3', '6.6.6.6, 198.51.100.1, 10.9.9.9', '198.51.100.1'],
  ['fd00::1', '2001:db8::7', '2001:db8::7'],
  ['127.0.0.1', 'unknown', 'unknown'],
  ['127.0.0.1', '', '127.0.0.1'],
  ['127.0.0.1', '10.0.0.1', '10.0.0.1'],
])('believes a proxy that is configured: %s says %s', (peer, forwarded, address) => {
  expect(stamped(PROXY, peer, { 'x-forwarded-for': forwarded }).address).toBe(address);
});

it('knows where the browser believes to be', () => {
  const behind = { 'x-forwarded-host': 'gehra.example', 'x-forwarded-proto': 'https' };
  expect(stamped(PROXY, '127.0.0.1', behind).origin).toBe('https://gehra.example');
  expect(stamped({ APP_URL: 'https://gehra.example/' }, '203.0.113.5', {}).origin).toBe('https://gehra.example');
  expect(stamped({}, '203.0.113.5', { host: '[' }).origin).toBe('');
});

it('refuses proxies that are no addresses', () => {
  expect(() => loadConfig({ TRUSTED_PROXIES: 'proxy.example' })).toThrow('TRUSTED_PROXIES');
  expect(() => loadConfig({ TRUSTED_PROXIES: '10.0.0.0/33' })).toThrow('TRUSTED_PROXIES');
});
