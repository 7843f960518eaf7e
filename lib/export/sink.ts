/** Where an export's bytes go: a file, or a program's output. Each write is waited for, so nothing piles up. */
import type { FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';

export interface Sink {
  /** Bytes written so far. */
  readonly bytes: number;
  write(bytes: Uint8Array): Promise<void>;
}

export class FileSink implements Sink {
  bytes = 0;

  constructor(private readonly file: FileHandle) {}

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.file.write(bytes, at, bytes.length - at, this.bytes);
      at += bytesWritten;
      this.bytes += bytesWritten;
    }
  }

  /** Writes over what stands at the beginning: a header that is known only at the end. */
  async writeBeginning(bytes: Uint8Array): Promise<void> {
    await this.file.write(bytes, 0, bytes.length, 0);
  }
}

export class StreamSink implements Sink {
  bytes = 0;

  constructor(private readonly stream: Writable) {}

  write(bytes: Uint8Array): Promise<void> {
    this.bytes += bytes.length;
    return new Promise((resolve, reject) => {
      this.stream.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }
}
