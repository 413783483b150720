// What differs between platforms for whole files: Node streams through the disk, elsewhere Blobs hold what is on its way.
import { decodeBase64UrlBytes, encodeBase64Url, type Scr } from '@trunkline/wire';
import { sdkError, type Host } from '@trunkline/core';
import type { FileContent, FileData, FileOnDisk, SealedFile, SealInit } from '@trunkline/wire';
import { decryptError, type Bytes } from '../content/content-crypto.js';
import { randomBytes } from '../content/web-crypto.js';

export interface FileCrypto {
  /** undefined where paths lead nowhere */
  fileAt(file: FileOnDisk): Promise<Blob> | undefined;
  seal(data: FileData, init: SealInit): Promise<SealedFile>;
  /** Reads all cipher text, and resolves when its tag holds. Nothing of the plain text exists before. */
  open(cipher: AsyncIterable<Uint8Array>, parameters: FileParameters): Promise<FileContent>;
}
export type MakeFileCrypto = (host: Host) => FileCrypto;

/** Of one encryption. Never used for another: two files under one key and IV would give both away. */
export interface FileParameters {
  readonly key: Bytes;
  readonly iv: Bytes;
  readonly aad: Bytes;
  readonly tag: Bytes;
}

const utf8 = (text: string): Bytes => new Uint8Array(new TextEncoder().encode(text));

export function newParameters(nowMs: number): Omit<FileParameters, 'tag'> {
  return { key: randomBytes(32), iv: randomBytes(12), aad: utf8(new Date(nowMs).toISOString()) };
}

/** @source protocol/kms-and-encryption.md §7 */
export const toScr = ({ key, iv, aad, tag }: FileParameters, loc: string): Scr => ({
  enc: 'A256GCM',
  key: encodeBase64Url(key),
  iv: encodeBase64Url(iv),
  aad: new TextDecoder().decode(aad),
  loc,
  tag: encodeBase64Url(tag),
});

/** @throws {SdkError} `ERR_DECRYPT` */
export function fromScr(scr: Omit<Scr, 'loc'>): FileParameters {
  let made: FileParameters;
  try {
    const [key, iv, tag] = [scr.key, scr.iv, scr.tag].map(decodeBase64UrlBytes) as [Bytes, Bytes, Bytes];
    made = { key, iv, tag, aad: utf8(scr.aad) };
  } catch (cause) {
    throw decryptError(cause);
  }
  // a shorter tag would be accepted by some, and is easier to forge
  if (made.key.length !== 32 || made.iv.length !== 12 || made.tag.length !== 16) throw decryptError();
  return made;
}

/** Plain text that is here already, piece by piece. */
export interface Pieces {
  readonly size: number;
  /** the next one, `undefined` at the end */
  next(): Promise<Bytes | undefined>;
  close(): void;
  /** Frees a piece from `next()` that was copied. */
  release?(piece: Bytes): void;
}

/** One reading of the pieces, as whichever of the three. */
export function contentOf(pieces: Pieces): FileContent {
  let taken = false;
  const take = (): void => {
    if (taken) throw sdkError('ERR_ARGUMENT', 'the file was read or cancelled already; download it again');
    taken = true;
  };
  const cancel = (): void => {
    taken = true;
    pieces.close();
  };
  async function* each(): AsyncGenerator<Bytes> {
    try {
      for (let piece = await pieces.next(); piece !== undefined; piece = await pieces.next()) yield piece;
    } finally {
      pieces.close();
    }
  }
  return {
    size: pieces.size,
    cancel,
    async bytes() {
      take();
      const all = new Uint8Array(pieces.size);
      let at = 0;
      for await (const piece of each()) {
        all.set(piece, at);
        at += piece.length;
        pieces.release?.(piece);
      }
      return all;
    },
    async blob() {
      take();
      const parts: Blob[] = [];
      for await (const piece of each()) {
        parts.push(new Blob([piece]));
        pieces.release?.(piece);
      }
      return new Blob(parts);
    },
    stream() {
      take();
      return new ReadableStream<Bytes>(
        {
          async pull(controller) {
            try {
              const piece = await pieces.next();
              if (piece !== undefined) {
                controller.enqueue(piece);
                return;
              }
              pieces.close();
              controller.close();
            } catch (error) {
              pieces.close();
              throw error;
            }
          },
          cancel,
        },
        { highWaterMark: 0 },
      );
    },
  };
}

class StreamedBlob extends Blob {
  readonly #size: number;
  readonly #make: () => ReadableStream<Bytes>;
  constructor(size: number, make: () => ReadableStream<Bytes>) {
    super([]);
    this.#size = size;
    this.#make = make;
  }
  override get size(): number {
    return this.#size;
  }
  /**
   * Node's fetch splits the body, in case that it must send it again, and the half that no one reads then keeps the whole
   * file. Ours gives two streams of which none begins before it is read.
   */
  override stream(): ReturnType<Blob['stream']> {
    const tee = (): [ReadableStream<Bytes>, ReadableStream<Bytes>] => [this.stream(), this.stream()];
    return Object.assign(this.#make(), { tee });
  }
  override arrayBuffer(): Promise<ArrayBuffer> {
    return new Response(this.#make()).arrayBuffer();
  }
}

/**
 * A body of `size` bytes that fetch takes from the stream that `make` makes: it reads a Blob through its stream. The class
 * stays inside: its declaration would need the types of browsers.
 */
export const streamedBlob = (size: number, make: () => ReadableStream<Bytes>): Blob =>
  new StreamedBlob(size, make);
