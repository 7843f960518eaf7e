/**
 * Structured logs: one JSON line an event, the event's name in snake_case under `event`. What is secret never gets here;
 * the paths below are the second line of defence.
 */
import { format, stripVTControlCharacters } from 'node:util';
import pino from 'pino';

export type Log = pino.Logger;

const SECRETS = [
  'token',
  'accessToken',
  'access_token',
  'apiSecret',
  'api_secret',
  'password',
  'authorization',
  'cookie',
];

/** Where an address or a header carries a secret, in a text that somebody else has put together. */
const NAMED_SECRET =
  /\b((?:access_|request_|refresh_|enc)?token(?:Id)?|api_secret|checksum|password|secret|code|state)(=|%3D)[^&\s"'<>\\]+|\b(Bearer +|token +[\w-]+:)[^\s"',;\\]+/gi;
/** A JSON Web Token by its shape. */
const JWT = /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g;

/** A text without the secrets that can be told by their names or shapes. */
export const withoutSecrets = (text: string): string =>
  text
    .replace(JWT, '[secret]')
    .replace(NAMED_SECRET, (_all, name, equals, scheme) => (scheme ? `${scheme}[secret]` : `${name}${equals}[secret]`));

/** The log of a process; it goes to the standard output unless another destination is given. */
export function createLog(process: string, level: string, destination?: pino.DestinationStream): Log {
  const options: pino.LoggerOptions = {
    base: { process },
    level,
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    // The last thing before a line is written: errors of libraries repeat the addresses that they were given.
    hooks: { streamWrite: withoutSecrets },
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[secret]' },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Libraries print to the console, Next.js above all: what they say becomes lines of the log like any other. */
export function logConsole(log: Log): void {
  const told =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (...parts: unknown[]): void =>
      log[level]({ event: 'console' }, stripVTControlCharacters(format(...parts)).trim());
  Object.assign(console, {
    debug: told('debug'),
    log: told('info'),
    info: told('info'),
    warn: told('warn'),
    error: told('error'),
  });
}

/** An address fit for a log: no query (both brokers put the token there), no user or password. */
export function addressForLog(address: string): string {
  const parsed = new URL(address);
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
}
