import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { sdkError } from '@trunkline/core';
import type { FileOnDisk } from '@trunkline/wire';
import type { Bytes } from '../content/content-crypto.js';
import { streamOf, unreadable, type PiecedBlob } from './file-bytes.js';

/** Read by one buffer, where the slices of `openAsBlob` cost twice the encryption. */
class DiskFile extends Blob implements PiecedBlob {
  readonly name: string;
  readonly #path: string;
  /** bytes of the file, when it was given */
  readonly #whole: number;
  readonly #from: number;
  readonly #to: number;
  constructor(file: string, whole: number, from = 0, to = whole) {
    super([]);
    this.name = path.basename(file);
    this.#path = file;
    this.#whole = whole;
    this.#from = from;
    this.#to = to;
  }
  override get size(): number {
    return this.#to - this.#from;
  }
  async *pieces(pieceBytes: number): AsyncGenerator<Bytes> {
    const handle = await open(this.#path).catch((cause: unknown) => {
      throw unreadable(cause);
    });
    try {
      const piece = new Uint8Array(Math.min(pieceBytes, this.size));
      if ((await handle.stat()).size !== this.#whole) throw unreadable();
      for (let at = this.#from; at < this.#to;) {
        const { bytesRead } = await handle.read(piece, 0, Math.min(piece.length, this.#to - at), at);
        if (bytesRead === 0) throw unreadable();
        at += bytesRead;
        yield piece.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  }
  override slice(start = 0, end = this.size): Blob {
    const at = (n: number): number =>
      this.#from + Math.min(Math.max(n < 0 ? this.size + n : n, 0), this.size);
    return new DiskFile(this.#path, this.#whole, at(start), Math.max(at(start), at(end)));
  }
  override stream(): ReturnType<Blob['stream']> {
    return streamOf(this.#copies());
  }
  override arrayBuffer(): Promise<ArrayBuffer> {
    return new Response(this.stream()).arrayBuffer();
  }
  override async text(): Promise<string> {
    return new Response(this.stream()).text();
  }
  async *#copies(): AsyncGenerator<Bytes> {
    for await (const piece of this.pieces(256 * 1024)) yield new Uint8Array(piece);
  }
}

/** @throws {SdkError} `ERR_ARGUMENT` when there is no file to be read */
export async function diskFile({ path: file }: FileOnDisk): Promise<Blob> {
  const found = await stat(file).catch((cause: unknown) => {
    throw unreadable(cause);
  });
  if (!found.isFile()) throw sdkError('ERR_ARGUMENT', 'the path of a file leads to something else');
  return new DiskFile(file, found.size);
}
