/**
 * The files of exports, in one folder of the data folder. Their names are made of an export's number and its format and of nothing
 * that anybody sent: `42.csv` and beside it `42.about.json`. While they are written they are called `42.3.csv.part`, with the number
 * of the attempt.
 */
import { mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { EXPORT_FORMATS, type ExportFormat } from '../core/exports.ts';
import { FileSink } from './sink.ts';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** What the disk keeps for the recording: no export begins, or goes on, that would leave less. */
export const DISK_RESERVE_BYTES = 2 * 1024 ** 3;

/** Which file of an export: its rows, or what is said about them. */
export type ExportPart = 'data' | 'about';

export const exportsFolder = (dataDir: string): string => path.join(dataDir, 'exports');

/** @throws RangeError for an id that no export can have */
export function exportFile(dataDir: string, id: number, format: ExportFormat, part: ExportPart): string {
  if (!Number.isSafeInteger(id) || id < 1 || !EXPORT_FORMATS.includes(format)) {
    throw new RangeError(`no export is called ${id}.${format}`);
  }
  return path.join(exportsFolder(dataDir), part === 'data' ? `${id}.${format}` : `${id}.about.json`);
}

/** Bytes that exports may take of the disk. */
export async function bytesForExports(dataDir: string): Promise<number> {
  await mkdir(exportsFolder(dataDir), { recursive: true, mode: FOLDER_MODE });
  const { bavail, bsize } = await statfs(exportsFolder(dataDir));
  return Math.max(0, bavail * bsize - DISK_RESERVE_BYTES);
}

/** A file under another name until it is whole. */
export class PartFile {
  private constructor(
    private readonly finalPath: string,
    private readonly partPath: string,
    private readonly file: Awaited<ReturnType<typeof open>>,
    readonly sink: FileSink,
  ) {}

  /** @param mark tells the part apart from those of others, who may be at the same file. @throws where it is there */
  static async create(finalPath: string, mark: string): Promise<PartFile> {
    const { dir, name, ext } = path.parse(finalPath);
    const partPath = path.join(dir, `${name}${mark}${ext}.part`);
    const file = await open(partPath, 'wx', FILE_MODE);
    return new PartFile(finalPath, partPath, file, new FileSink(file));
  }

  /** What was written is on the disk after it. */
  async sync(): Promise<void> {
    await this.file.sync();
    await this.file.close();
  }

  /** Gives it its name; the name is on the disk after it. */
  async publish(): Promise<void> {
    await rename(this.partPath, this.finalPath);
    const folder = await open(path.dirname(this.finalPath));
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  /** Removes it. */
  async discard(): Promise<void> {
    await this.file.close().catch((error: NodeJS.ErrnoException) => {
      // It was closed by `sync`.
      if (error.code !== 'EBADF') throw error;
    });
    await rm(this.partPath, { force: true });
  }
}

/** Ids of the exports that the files in the folder belong to. */
export async function idsInFolder(dataDir: string): Promise<number[]> {
  const names = await namesInFolder(dataDir);
  return [...new Set(names.map(idOfName))].filter((id) => Number.isSafeInteger(id));
}

/** Removes the files of exports, whole ones and parts. */
export async function removeFiles(dataDir: string, ids: ReadonlySet<number>): Promise<void> {
  for (const name of await namesInFolder(dataDir)) {
    if (ids.has(idOfName(name))) await rm(path.join(exportsFolder(dataDir), name), { force: true });
  }
}

/** Removes the parts of an export that attempts before left behind. */
export async function removeParts(dataDir: string, id: number): Promise<void> {
  for (const name of await namesInFolder(dataDir)) {
    if (idOfName(name) === id && name.endsWith('.part'))
      await rm(path.join(exportsFolder(dataDir), name), { force: true });
  }
}

/** NaN for a file that is none of ours. */
const idOfName = (name: string): number => Number(/^(\d+)\./.exec(name)?.[1]);

async function namesInFolder(dataDir: string): Promise<string[]> {
  const folder = exportsFolder(dataDir);
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  return readdir(folder);
}
