import { createCipheriv, createDecipheriv, type CipherGCM } from 'node:crypto';
import { sdkError } from '@trunkline/core';
import type { FileData, SealedFile, SealInit } from '@trunkline/wire';
import { decryptError, type Bytes } from '../content/content-crypto.js';
import { diskFile } from './disk-file.node.js';
import { defaultMaxBytes, isBlob, piecesOf, sizeOf, streamOf, tooLarge, wholeBytes } from './file-bytes.js';
import {
  contentOf,
  newParameters,
  streamedBlob,
  toScr,
  type FileParameters,
  type MakeFileCrypto,
} from './file-crypto.js';
import { createSpools, type Spool } from './spool.node.js';
import { createTagCheck } from './tag-check.node.js';

// each piece costs a way through the streams of fetch, which is dearer than its encryption
const pieceBytes = 1024 * 1024;
const gcm = { authTagLength: 16 } as const;
type Ending = { readonly parameters: FileParameters } | undefined;

/** Files in Node: as streams, in bounded memory. See docs/decisions/0016. */
export const nodeFiles: MakeFileCrypto = (host) => {
  const spools = createSpools();
  host.onClose(() => {
    spools.closeAll();
  });

  const cipherFor = (): { readonly cipher: CipherGCM; readonly end: () => FileParameters } => {
    const made = newParameters(host.clock.now());
    const cipher = createCipheriv('aes-256-gcm', made.key, made.iv, gcm);
    cipher.setAAD(made.aad);
    return {
      cipher,
      end: () => {
        cipher.final();
        return { ...made, tag: new Uint8Array(cipher.getAuthTag()) };
      },
    };
  };

  /** A stream of unknown length: its cipher text waits on the disk until the length is known. */
  async function sealSpooled(data: FileData, maxBytes: number, signal?: AbortSignal): Promise<SealedFile> {
    const spool = spools.make();
    try {
      const { cipher, end } = cipherFor();
      for await (const piece of piecesOf(data, pieceBytes, maxBytes, { reuse: true })) {
        signal?.throwIfAborted();
        await spool.write(cipher.update(piece));
      }
      await spool.end();
      const parameters = end();
      const body = streamedBlob(spool.size, () => readSpool(spool, (bytes) => bytes));
      return {
        size: spool.size,
        body,
        once: false,
        failure: () => undefined,
        scr: (loc) => toScr(parameters, loc),
        close: () => {
          spool.close();
        },
      };
    } catch (error) {
      spool.close();
      throw error;
    }
  }

  /** Encrypted as it is read, under another key each time: the source may have changed in between. */
  function sealStreamed(data: FileData, size: number): SealedFile {
    let ended: Ending;
    let failed: unknown;
    let started = false;
    let runs = 0;
    const once = !isBlob(data) && wholeBytes(data) === undefined;
    const encrypt = async function* (): AsyncGenerator<Bytes> {
      ended = undefined;
      const run = (runs += 1);
      try {
        if (once && started) throw sdkError('ERR_NETWORK', 'the stream of the file was read already');
        started = true;
        const { cipher, end } = cipherFor();
        let read = 0;
        // the last piece leaves when all is known: the service may answer as soon as it has it
        let held: Bytes | undefined;
        // what is read is copied by the cipher, so that one buffer does for all of it
        for await (const piece of piecesOf(data, pieceBytes, size, { reuse: true })) {
          read += piece.length;
          // what was begun again has another key, and there is one set of parameters
          if (run !== runs) throw sdkError('ERR_NETWORK', 'the file is being sent again');
          const next = plainView(cipher.update(piece));
          if (held !== undefined) yield held;
          held = next;
        }
        if (read !== size) throw otherLength(size, read);
        ended = { parameters: end() };
        if (held !== undefined) yield held;
      } catch (error) {
        failed = isTooLong(error) ? otherLength(size) : error;
        throw failed;
      }
    };
    return {
      size,
      once,
      body: streamedBlob(size, () => streamOf(encrypt())),
      failure: () => failed,
      scr: (loc) => {
        if (ended === undefined)
          throw sdkError('ERR_BAD_RESPONSE', 'the service answered before it had the whole file');
        return toScr(ended.parameters, loc);
      },
      close: () => undefined,
    };
  }

  return {
    fileAt: diskFile,
    seal(data, { maxBytes = defaultMaxBytes, size, signal }: SealInit) {
      const known = sizeOf(data, size);
      if (known === undefined) return sealSpooled(data, maxBytes, signal);
      if (known > maxBytes) return Promise.reject(tooLarge(maxBytes));
      return Promise.resolve(sealStreamed(data, known));
    },

    async open(cipher, { key, iv, aad, tag }) {
      const spool = spools.make();
      try {
        const check = createTagCheck(key, iv, aad);
        for await (const chunk of cipher) {
          check.absorb(chunk);
          await spool.write(chunk);
        }
        if (!check.holds(tag)) throw decryptError();
        await spool.end();
      } catch (error) {
        spool.close();
        throw error;
      }
      // GCM encrypts in counter mode, from 2 on: with the tag checked, that is all there is left to do
      const counter = createDecipheriv('aes-256-ctr', key, Buffer.from([...iv, 0, 0, 0, 2]));
      let at = 0;
      // one buffer for all reads: memory that is got and dropped makes the collector run
      const piece = Buffer.allocUnsafeSlow(Math.min(pieceBytes, Math.max(spool.size, 1)));
      return contentOf({
        size: spool.size,
        close: () => {
          spool.close();
        },
        async next() {
          const read = await spool.read(piece, at);
          at += read;
          return read === 0 ? undefined : plainView(counter.update(piece.subarray(0, read)));
        },
      });
    },
  };
};

function readSpool(spool: Spool, change: (bytes: Bytes) => Bytes): ReadableStream<Bytes> {
  let at = 0;
  return new ReadableStream<Bytes>(
    {
      async pull(controller) {
        const piece = new Uint8Array(Math.min(pieceBytes, Math.max(spool.size - at, 1)));
        const read = await spool.read(piece, at);
        at += read;
        if (read === 0) controller.close();
        else controller.enqueue(change(piece.subarray(0, read)));
      },
    },
    { highWaterMark: 0 },
  );
}

const plainView = (buffer: Buffer): Bytes =>
  new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.length);
const isTooLong = (error: unknown): boolean => (error as { code?: unknown }).code === 'ERR_TOO_LARGE';
const otherLength = (said: number, read?: number): Error =>
  sdkError(
    'ERR_ARGUMENT',
    `the stream of the file gave ${read === undefined ? 'more than' : `${String(read)} bytes,`} ${read === undefined ? '' : 'not '}the ${String(said)} bytes that were announced`,
  );
