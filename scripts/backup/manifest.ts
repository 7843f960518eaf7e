/** What a backup says of itself: manifest.json, written last, so that one without it is not whole. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

export const MANIFEST = 'manifest.json';
const FORMAT = 'gehra-backup-1';

const fileSchema = z.object({
  /** Within the backup, with slashes. */
  path: z
    .string()
    .regex(/^(tables|journal|files)\/[\w./-]+$/)
    .refine((text) => !text.split('/').includes('..')),
  bytes: z.number(),
  sha256: z.string(),
});

const manifestSchema = z.object({
  format: z.literal(FORMAT),
  /** Of Gehra. */
  version: z.string(),
  /** ISO 8601; of the moment that the rows are of. */
  madeAt: z.string(),
  migrations: z.array(z.string()),
  market: z.enum(['simulated', 'real']).nullable(),
  tables: z.array(z.object({ name: z.string(), columns: z.array(z.string()), rows: z.number() })),
  /** UTC days of which market data are stored. */
  days: z.array(z.string()),
  files: z.array(fileSchema),
});
export type Manifest = z.infer<typeof manifestSchema>;
export type BackupFile = z.infer<typeof fileSchema>;

export const newManifest = (facts: Omit<Manifest, 'format'>): Manifest => ({ format: FORMAT, ...facts });

/** A backup cannot be made or restored; the message says why and what to do. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

/** What a full disk says, in words; another error as it is. */
export const fullDisk = (error: unknown, at: string): unknown =>
  (error as NodeJS.ErrnoException).code === 'ENOSPC'
    ? new BackupError(`The disk of ${at} is full. What was written there has been taken away again.`)
    : error;

/** @throws BackupError where it is no backup, or none that is whole */
export async function readManifest(dir: string): Promise<Manifest> {
  const file = path.join(dir, MANIFEST);
  if (!existsSync(file)) {
    throw new BackupError(`There is no whole backup in ${dir}: it has no ${MANIFEST}, which is written last.`);
  }
  try {
    return manifestSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    throw new BackupError(`${file} is damaged, or of a version of Gehra that this one does not know.`);
  }
}

/** Reads every file. @throws BackupError that names the first ones which are not as they were written */
export async function checkFiles(dir: string, { files }: Manifest): Promise<void> {
  const damaged: string[] = [];
  for (const { path: name, sha256 } of files) {
    const file = path.join(dir, name);
    if (!existsSync(file)) damaged.push(`${name} is missing`);
    else if ((await sha256Of(file)) !== sha256) damaged.push(`${name} is damaged`);
  }
  if (damaged.length > 0) {
    throw new BackupError(
      `The backup in ${dir} cannot be used: ${damaged.slice(0, 10).join(', ')}. Nothing was changed.`,
    );
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
