/**
 * The data folder of an instance and the small files in it that belong to `./gehra` itself. Everything else in it has an
 * owner of its own: postgres/ and redis/ (scripts/services), journal/ (the collectors), logs/ (scripts/supervise).
 */
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { codeOf, UserError } from '../user-error.ts';

const MIB = 1024 * 1024;
/** Below this nothing is started: an empty cluster with its write-ahead log takes 80 MiB, the build 60. */
export const FREE_MIB_MIN = 300;

/** Names inside the data folder. */
export const FILES = {
  settings: 'instance.json',
  secrets: 'secrets.json',
  state: 'state.json',
  logs: 'logs',
  postgres: 'postgres',
  postgresElsewhere: 'postgres-is-in',
  redis: 'redis',
  simulatedTokens: 'simulated-tokens',
} as const;

const settingsSchema = z.object({
  /** Names the folder to the servers that hold its data. */
  id: z.string().optional(),
  /** Loopback ports of the provided servers, kept over restarts where they are still free. */
  ports: z.object({ postgres: z.number(), redis: z.number(), simulator: z.number() }).partial(),
  /** Which market this folder records: simulated and real data never share a folder. */
  market: z.enum(['simulated', 'real']).optional(),
});
export type Settings = z.infer<typeof settingsSchema>;

/** Of what the folder's first start knew nothing, an older file holds nothing. */
const secretsSchema = z.object({
  postgresPassword: z.string(),
  redisPassword: z.string(),
  authSecret: z.string().optional(),
});
export type Secrets = Required<z.infer<typeof secretsSchema>>;

/** Makes the data folder if it is not there. @throws UserError where it cannot be used. */
export function openDataFolder(dir: string): void {
  try {
    // Others may pass through but not look: as root the database runs as another user, in a folder below.
    mkdirSync(dir, { recursive: true, mode: 0o711 });
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new UserError(
      `The data folder ${dir} cannot be used (${codeOf(error)}). Choose one that you can write with --data DIR, or change its owner: sudo chown -R "$(id -un)" '${dir}'.`,
    );
  }
  const { bavail, bsize } = statfsSync(dir);
  const freeMib = Math.floor((bavail * bsize) / MIB);
  if (freeMib < FREE_MIB_MIN) {
    throw new UserError(
      `The disk of the data folder ${dir} has ${freeMib} MiB left, and Gehra needs at least ${FREE_MIB_MIN} MiB to start. Make room, or choose another disk with --data DIR.`,
    );
  }
}

export function readSettings(dir: string): Settings {
  return readJson(path.join(dir, FILES.settings), settingsSchema) ?? { ports: {} };
}

export function writeSettings(dir: string, settings: Settings): void {
  writePrivateFile(path.join(dir, FILES.settings), `${JSON.stringify(settings, null, 2)}\n`);
}

/** The folder's name, made at the first start. */
export function provideId(dir: string): string {
  const settings = readSettings(dir);
  if (settings.id !== undefined) return settings.id;
  const id = randomBytes(8).toString('hex');
  writeSettings(dir, { ...settings, id });
  return id;
}

/** The passwords of the provided servers and the secret of sign-in, made at the first start. */
export function provideSecrets(dir: string): Secrets {
  const file = path.join(dir, FILES.secrets);
  const known = readJson(file, secretsSchema);
  if (known?.authSecret !== undefined) return { ...known, authSecret: known.authSecret };
  const fresh = { postgresPassword: newPassword(), redisPassword: newPassword(), authSecret: newPassword() };
  const secrets = { ...fresh, ...known };
  writePrivateFile(file, `${JSON.stringify(secrets, null, 2)}\n`);
  return secrets;
}

/** 192 random bits, of characters that need no quoting in an address, a shell or a configuration file. */
function newPassword(): string {
  return randomBytes(24).toString('hex');
}

/** Reads a JSON file; undefined where there is none. @throws UserError where it is damaged. */
export function readJson<T>(file: string, schema: z.ZodType<T>): T | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new UserError(
      `${file} is damaged. Restore it from a backup, or remove it if you can do without what it holds.`,
    );
  }
}

/** Writes a file that only its owner may read, in one step: a reader sees the old or the new one. */
export function writePrivateFile(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.new`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, file);
}
