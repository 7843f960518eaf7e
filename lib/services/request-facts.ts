/**
 * What the web process knows of a request beside what the request says of itself: the address it came from, where the
 * browser believes to be, and its path. They travel in headers of our own, which no request from outside keeps: behind
 * Next.js a handler sees headers alone.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Config } from '../config/config.ts';

const ADDRESS = 'x-gehra-address';
const ORIGIN = 'x-gehra-origin';
const PATH = 'x-gehra-path';
const FORWARDED = 'x-gehra-forwarded';
const OURS = /^x-gehra-/;
/** A proxy says with these for whom it asks: the request then need not come from this machine. */
const OF_PROXIES = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'];

/** Writes the facts into the request's headers, in the place of any it brought along. */
export function stampRequest(
  { appUrl, appUrlIsGiven, trustedProxies }: Pick<Config, 'appUrl' | 'appUrlIsGiven' | 'trustedProxies'>,
  request: IncomingMessage,
): void {
  const { headers, socket } = request;
  for (const name of Object.keys(headers)) if (OURS.test(name)) delete headers[name];
  const proxies = blockList(trustedProxies);
  const peer = plainAddress(socket.remoteAddress ?? '');
  const proxied = isIn(proxies, peer);
  const forwarded = (name: string): string =>
    proxied
      ? (String(headers[name] ?? '')
          .split(',')[0]
          ?.trim() ?? '')
      : '';
  const scheme = forwarded('x-forwarded-proto') === 'https' ? 'https' : 'http';
  const host = forwarded('x-forwarded-host') || headers.host || '';
  headers[ADDRESS] = proxied ? clientBehind(proxies, String(headers['x-forwarded-for'] ?? ''), peer) : peer;
  headers[ORIGIN] = appUrlIsGiven ? appUrl : originOf(`${scheme}://${host}`);
  headers[PATH] = request.url ?? '/';
  headers[FORWARDED] = OF_PROXIES.some((name) => name in headers) ? '1' : '0';
}

/** The headers as a route handler sees them. */
export function headersOf({ headers }: IncomingMessage): Headers {
  const entries = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    [value ?? []].flat().map((one) => [name, one]),
  );
  return new Headers(entries);
}

/** The address that asks; the same word for all where nothing is known. */
export const addressOf = (headers: Headers): string => headers.get(ADDRESS) ?? 'unknown';

/** Scheme, host and port under which the browser reaches this server; empty where it names no host. */
export const ownOrigin = (headers: Headers): string =>
  headers.get(ORIGIN) ?? originOf(`http://${headers.get('host') ?? ''}`);

/** Whether a proxy's headers came with the request; Next.js adds some of its own on the way. */
export function wasForwarded(headers: Headers): boolean {
  const stamp = headers.get(FORWARDED);
  return stamp === null ? OF_PROXIES.some((name) => headers.has(name)) : stamp === '1';
}

/** Path and query that were asked for. */
export const askedPath = (headers: Headers): string => headers.get(PATH) ?? '/';

const originOf = (text: string): string => (URL.canParse(text) ? new URL(text).origin : '');

/** The last address in X-Forwarded-For that no proxy of ours has: those before it anybody could have written. */
function clientBehind(proxies: BlockList, forwardedFor: string, peer: string): string {
  const hops = forwardedFor
    .split(',')
    .map((hop) => plainAddress(hop.trim()))
    .filter(Boolean);
  return hops.findLast((hop) => !isIn(proxies, hop)) ?? hops[0] ?? peer;
}

/** An IPv4 address that came over IPv6 is the same address. */
const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '').slice(0, 45);

function isIn(list: BlockList, address: string): boolean {
  return isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

const lists = new WeakMap<readonly string[], BlockList>();

function blockList(networks: readonly string[]): BlockList {
  const known = lists.get(networks);
  if (known) return known;
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/', 2);
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  lists.set(networks, list);
  return list;
}
