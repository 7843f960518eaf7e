/** Choosing TCP ports, and finding out who has one. */
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { codeOf, messageOf, UserError } from '../user-error.ts';
import { readSettings, type Settings, writeSettings } from './folder.ts';

export const LOOPBACK = '127.0.0.1';
/** So many ports are tried where nobody chose one. */
const PORTS_TRIED = 20;
/**
 * Where any port will do, it is one of these: the system gives those above to outgoing connections (Linux from 32768 on),
 * and one of them could take the port between its choice and its server's start, or while its server is started again.
 */
const ANY_FIRST = 20_000;
const ANY_LAST = 32_767;
const TCP_LISTEN = '0A';

/** True if a server could listen there now. */
export function portIsFree(host: string, port: number): Promise<boolean> {
  return listenOnce(host, port).then(
    () => true,
    () => false,
  );
}

/** `wanted` if it is free, else any free loopback port. */
export async function freePort(wanted?: number): Promise<number> {
  if (wanted !== undefined && (await portIsFree(LOOPBACK, wanted))) return wanted;
  return anyPort(LOOPBACK);
}

/** The port that a server of a data folder had last time, if it is free; else a new one, kept from now on. */
export async function keptPort(dataDir: string, server: keyof Settings['ports']): Promise<number> {
  const port = await freePort(readSettings(dataDir).ports[server]);
  // Read again: another server may have got its port meanwhile.
  const settings = readSettings(dataDir);
  writeSettings(dataDir, { ...settings, ports: { ...settings.ports, [server]: port } });
  return port;
}

/**
 * The port of the web app: `wanted` where it was chosen (0: any), else the first free one from `wanted` on.
 *
 * @throws UserError where the chosen port, or every port tried, is taken
 */
export async function webPort(host: string, wanted: number, isChosen: boolean): Promise<number> {
  if (!isChosen) {
    for (let port = wanted; port < wanted + PORTS_TRIED; port++) {
      if (await portIsFree(host, port)) return port;
    }
    throw new UserError(
      `No free port: ${wanted} to ${wanted + PORTS_TRIED - 1} are all in use. Choose another with --port N.`,
    );
  }
  try {
    return wanted === 0 ? await anyPort(host) : await listenOnce(host, wanted);
  } catch (error) {
    throw new UserError(portTrouble(error, host, wanted));
  }
}

function portTrouble(error: unknown, host: string, port: number): string {
  switch (codeOf(error)) {
    case 'EADDRINUSE': {
      const owner = ownerOfPort(port);
      return `Port ${port} is in use${owner ? ` by ${owner}` : ''}. Choose another with --port N.`;
    }
    case 'EACCES':
      return `Port ${port} is only for root. Choose one from 1024 on with --port N.`;
    default:
      return `Nothing can listen on ${host}:${port} (${messageOf(error)}). Correct HOST, or choose another port with --port N.`;
  }
}

/** Who listens on a TCP port, as `node (pid 4711)`, as far as this user may know (Linux). */
export function ownerOfPort(port: number): string | undefined {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port)));
  if (inodes.size === 0) return undefined;
  for (const pid of entries('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const fd of entries(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkTarget(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode !== undefined && inodes.has(inode)) return `${text(`/proc/${pid}/comm`).trim()} (pid ${pid})`;
    }
  }
  return undefined;
}

/** A free port between ANY_FIRST and ANY_LAST. */
async function anyPort(host: string): Promise<number> {
  for (let tried = 1; ; tried++) {
    try {
      return await listenOnce(host, randomInt(ANY_FIRST, ANY_LAST + 1));
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE' || tried === PORTS_TRIED) throw error;
    }
  }
}

/** Listens for a moment; resolves to the port. */
function listenOnce(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(port)));
  });
}

function listeningInodes(table: string, port: number): string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  return text(table)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === TCP_LISTEN && local?.endsWith(`:${hexPort}`))
    .flatMap((fields) => fields[9] ?? []);
}

// What belongs to another user cannot be read, and a process may end while it is looked at: nothing is known then.

function entries(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

function linkTarget(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
