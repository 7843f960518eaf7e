/**
 * The one way in which we send anything to an address that a person has entered: HTTPS, no redirects, a time limit, and never
 * to this machine or the network around it, whatever a name resolves to. Nothing of the address but its host gets into an error.
 */
import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const TIMEOUT_MS = 10_000;
/** Answers are short; the rest of a longer one is not read. */
const ANSWER_BYTES_MAX = 16 * 1024;

/** A message that could not be sent; says why, for a person, without any secret. */
export class OutgoingError extends Error {
  override readonly name = 'OutgoingError';

  constructor(
    message: string,
    /** Whether it may have arrived all the same: it was sent, and no answer came. */
    readonly mayHaveArrived = false,
  ) {
    super(message);
  }
}

export interface Outgoing {
  readonly allowLoopback: boolean;
  readonly timeoutMs?: number;
  /** Beside those that every message has. @param payload the bytes of the body */
  readonly headers?: (payload: Buffer) => Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * Addresses of this machine, of private networks, of documents and measurements, and of no single host (IANA special-purpose
 * registries). Of IPv6 nothing is public but 2000::/3, without what carries an IPv4 address within it (Teredo, 6to4).
 */
const GLOBAL_IPV6 = new BlockList();
GLOBAL_IPV6.addSubnet('2000::', 3, 'ipv6');
const NOT_PUBLIC = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  NOT_PUBLIC.addSubnet(network, bits, 'ipv4');
}
for (const [network, bits] of [
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  NOT_PUBLIC.addSubnet(network, bits, 'ipv6');
}

/** Whether an IP address is one that everybody can reach. */
export const isPublicAddress = (address: string): boolean => {
  const family = isIP(address);
  if (family === 4) return !NOT_PUBLIC.check(address, 'ipv4');
  return family === 6 && GLOBAL_IPV6.check(address, 'ipv6') && !NOT_PUBLIC.check(address, 'ipv6');
};

/**
 * Sends JSON.
 *
 * @param allowLoopback lets this machine's own addresses pass, by plain HTTP too: for the simulated market and tests
 * @returns any answer but a redirect, also one that breaks off or never ends: as far as it came
 * @throws OutgoingError where there is no answer
 */
export async function postJson(
  address: string,
  body: unknown,
  { allowLoopback, timeoutMs = TIMEOUT_MS, headers }: Outgoing,
): Promise<Answer> {
  const url = allowedUrl(address, allowLoopback);
  const payload = Buffer.from(JSON.stringify(body));
  const options: https.RequestOptions = {
    method: 'POST',
    headers: {
      ...headers?.(payload),
      'content-type': 'application/json',
      'content-length': payload.length,
      'user-agent': 'Gehra',
    },
    signal: AbortSignal.timeout(timeoutMs),
    agent: false,
    ...(allowLoopback && isLoopback(url) ? {} : { lookup: publicLookup }),
  };
  return new Promise((resolve, reject) => {
    let isConnected = false;
    let begun: Answer | null = null;
    // An answer that began has said what became of the message, whether or not the rest of it comes.
    const fail = (error: Error): void => {
      if (begun) resolve(begun);
      else reject(new OutgoingError(wordsOf(error, url.hostname, timeoutMs), isConnected));
    };
    const request = (url.protocol === 'https:' ? https : http).request(url, options, (response) => {
      const status = response.statusCode ?? 0;
      if (status >= 300 && status < 400) {
        response.destroy();
        reject(
          new OutgoingError(`${url.hostname} answered with a redirect, which is not followed: enter the final address`),
        );
        return;
      }
      begun = { status, text: '' };
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        begun = { status, text: text.slice(0, ANSWER_BYTES_MAX) };
        if (text.length < ANSWER_BYTES_MAX) return;
        resolve(begun);
        response.destroy();
      });
      response.on('end', () => resolve({ status, text }));
      response.on('error', fail);
    });
    request.on('error', fail);
    request.on('socket', (socket) =>
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        isConnected = true;
      }),
    );
    // Whoever changes the protocol leaves no answer, and the connection to us, which no time limit ends any more.
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      fail(new OutgoingError(`${url.hostname} answered with another protocol`));
    });
    // After an answer or an error this says nothing new.
    request.on('close', () => fail(new OutgoingError(`${url.hostname} closed the connection without an answer`)));
    request.end(payload);
  });
}

/** @throws OutgoingError where nothing may be sent there */
export function allowedUrl(address: string, allowLoopback: boolean): URL {
  if (!URL.canParse(address)) throw new OutgoingError('that is no address: it has to begin with https://');
  const url = new URL(address);
  const own = allowLoopback && isLoopback(url);
  if (url.protocol !== 'https:' && !(own && url.protocol === 'http:'))
    throw new OutgoingError('the address has to begin with https://');
  if (url.username !== '' || url.password !== '') throw new OutgoingError('the address may hold no user and password');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!own && isIP(host) !== 0 && !isPublicAddress(host)) throw new OutgoingError(privateWords(host));
  return url;
}

/** Whether an address is one of this machine by what it says, without asking anybody. */
const isLoopback = ({ hostname }: URL): boolean => /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(hostname);

/** Resolves a name, and refuses all of it where one address is not public: what was checked is what is connected to. */
const publicLookup: LookupFunction = (host, options, callback) => {
  dnsLookup(host, { ...options, all: true }, (error, found) => {
    if (error) {
      callback(error, '', 0);
      return;
    }
    const addresses = found as LookupAddress[];
    const [first] = addresses;
    if (!first || addresses.some(({ address }) => !isPublicAddress(address))) {
      callback(new OutgoingError(privateWords(host)), '', 0);
    } else if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

const privateWords = (host: string): string =>
  `${host} is an address of this machine or of a private network; messages are sent to public addresses only`;

/** Never the error's own message: it may quote what was sent. */
function wordsOf(error: Error, host: string, timeoutMs: number): string {
  if (error instanceof OutgoingError) return error.message;
  if (error.name === 'AbortError' || error.name === 'TimeoutError') {
    return `${host} did not answer within ${timeoutMs / 1000} s`;
  }
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOTFOUND') return `there is no host ${host}: check the address`;
  if (code === 'EAI_AGAIN') return `the name ${host} could not be resolved: is this machine online?`;
  if (code === 'ECONNREFUSED') return `${host} refused the connection`;
  if (code?.startsWith('ERR_TLS') || code?.includes('CERT')) return `the certificate of ${host} is not valid (${code})`;
  return `${host} could not be reached${code ? ` (${code})` : ''}`;
}
