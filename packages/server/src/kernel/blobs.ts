import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Too many bytes came; nothing was kept. */
export class BlobTooLarge extends Error {
  override readonly name = 'BlobTooLarge';
}

/** Where files lie: named bytes, written once. What is in them is ciphertext; this port does not know. */
export interface Blobs {
  /** Keeps what the stream gives, durable when it resolves with the number of bytes. @throws BlobTooLarge */
  write(id: string, source: Readable, maxBytes: number): Promise<number>;
  /** undefined when there is none */
  read(id: string): Promise<{ readonly stream: Readable; readonly size: number } | undefined>;
  remove(id: string): Promise<void>;
}

class Limit extends Transform {
  bytes = 0;
  constructor(private readonly most: number) {
    super();
  }
  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length;
    if (this.bytes > this.most) done(new BlobTooLarge('the file is too large'));
    else done(null, chunk);
  }
}

const safe = /^[0-9a-f-]{36}$/;

/** In a folder, two levels deep so that no folder grows too long. */
export function folderBlobs(folder: string): Blobs {
  const fileOf = (id: string): string => {
    if (!safe.test(id)) throw new Error('this is not the name of a blob');
    return path.join(folder, id.slice(0, 2), id);
  };
  return {
    async write(id, source, maxBytes) {
      const file = fileOf(id);
      const parent = path.dirname(file);
      await mkdir(parent, { recursive: true, mode: 0o700 });
      const partial = `${file}.part`;
      const limit = new Limit(maxBytes);
      try {
        await pipeline(source, limit, createWriteStream(partial, { mode: 0o600 }));
        const handle = await open(partial, 'r+');
        try {
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(partial, file);
        await syncFolder(parent);
        return limit.bytes;
      } catch (error) {
        await rm(partial, { force: true });
        throw error;
      }
    },
    async read(id) {
      const file = fileOf(id);
      try {
        const { size } = await stat(file);
        return { stream: createReadStream(file), size };
      } catch {
        return undefined;
      }
    },
    remove: (id) => rm(fileOf(id), { force: true }),
  };
}

/** The name, too, must be on disk. Windows cannot sync a folder and does not need to. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** In this process, for data that is in memory anyway. */
export function memoryBlobs(): Blobs {
  const blobs = new Map<string, Buffer>();
  return {
    async write(id, source, maxBytes) {
      const limit = new Limit(maxBytes);
      const chunks: Buffer[] = [];
      await pipeline(source, limit, async (bytes: AsyncIterable<Buffer>) => {
        for await (const chunk of bytes) chunks.push(chunk);
      });
      blobs.set(id, Buffer.concat(chunks));
      return limit.bytes;
    },
    read: (id) => {
      const bytes = blobs.get(id);
      return Promise.resolve(bytes && { stream: Readable.from([bytes]), size: bytes.length });
    },
    remove: (id) => {
      blobs.delete(id);
      return Promise.resolve();
    },
  };
}
