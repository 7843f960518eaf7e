/**
 * Structured logs: one JSON line an event, the event's name in snake_case under `event`. What is secret never gets here;
 * the paths below are the second line of defence.
 */
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

/** The log of a process; it goes to the standard output unless another destination is given. */
export function createLog(process: string, level: string, destination?: pino.DestinationStream): Log {
  const options: pino.LoggerOptions = {
    base: { process },
    level,
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[secret]' },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** An address fit for a log: no query (both brokers put the token there), no user or password. */
export function addressForLog(address: string): string {
  const parsed = new URL(address);
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
}
