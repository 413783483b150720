// Bytes of a file, whatever they come in: by shape, not by class, since Blobs and streams may be of a polyfill or another realm.
import { sdkError, type SdkError } from '@trunkline/core';
import { chunksOf as rawChunksOf, isWebStream } from '@trunkline/core/kit';
import type { Bytes } from '../content/content-crypto.js';
import type { ByteStream, FileData, FileOnDisk } from '@trunkline/wire';

export const defaultMaxBytes = 100 * 1024 * 1024;

export const tooLarge = (maxBytes: number): SdkError =>
  sdkError('ERR_TOO_LARGE', `the file is longer than ${String(maxBytes)} bytes; see maxBytes of this call`);

export const isBlob = (data: object): data is Blob =>
  'arrayBuffer' in data && 'slice' in data && 'size' in data && typeof data.arrayBuffer === 'function';

/** Streams of Node's file system have a path as well. */
export const isOnDisk = (data: FileData | FileOnDisk): data is FileOnDisk =>
  'path' in data &&
  typeof data.path === 'string' &&
  !isBlob(data) &&
  !isWebStream(data) &&
  !(Symbol.asyncIterator in data);

/** A view of bytes that are whole, else undefined. */
export function wholeBytes(data: FileData): Uint8Array | undefined {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return Object.prototype.toString.call(data) === '[object ArrayBuffer]'
    ? new Uint8Array(data as ArrayBuffer)
    : undefined;
}

/** A Blob that knows a cheaper way than through slices. A piece holds until the next one is asked for. */
export interface PiecedBlob extends Blob {
  pieces(pieceBytes: number): AsyncIterable<Uint8Array>;
}
const isPieced = (data: object): data is PiecedBlob =>
  'pieces' in data && typeof data.pieces === 'function' && isBlob(data);

/** How long it is, where that is known before reading. */
export const sizeOf = (data: FileData, said?: number): number | undefined =>
  isBlob(data) ? data.size : (wholeBytes(data)?.byteLength ?? said);

/**
 * Pieces of exactly `pieceBytes`, the last one shorter. What is whole is not copied; what comes in a stream is gathered,
 * in a buffer of its own each time, or in one for all when it is to be reused.
 *
 * @throws {SdkError} `ERR_TOO_LARGE` as soon as there is more than `maxBytes`; `ERR_ARGUMENT` for what is not a bytes
 */
export async function* piecesOf(
  data: FileData,
  pieceBytes: number,
  maxBytes: number,
  { reuse = false } = {},
): AsyncGenerator<Uint8Array> {
  const whole = wholeBytes(data);
  if (whole !== undefined) {
    for (let at = 0; at < whole.length; at += pieceBytes) yield whole.subarray(at, at + pieceBytes);
    return;
  }
  if (isPieced(data)) {
    yield* data.pieces(pieceBytes);
    return;
  }
  if (isBlob(data)) {
    for (let at = 0; at < data.size; at += pieceBytes) yield await readPart(data, at, pieceBytes);
    return;
  }
  yield* gathered(data as ByteStream, pieceBytes, maxBytes, { reuse });
}

async function readPart(blob: Blob, at: number, bytes: number): Promise<Uint8Array> {
  try {
    return new Uint8Array(await blob.slice(at, at + bytes).arrayBuffer());
  } catch (cause) {
    throw unreadable(cause);
  }
}

/** @param init.reuse one buffer for all: a piece holds until the next one is asked for */
export async function* gathered(
  data: ByteStream,
  pieceBytes: number,
  maxBytes: number,
  { reuse = false } = {},
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let piece = new Uint8Array(pieceBytes);
  let filled = 0;
  let total = 0;
  for await (const chunk of chunksOf(data)) {
    total += chunk.length;
    if (total > maxBytes) throw tooLarge(maxBytes);
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + pieceBytes - filled);
      piece.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled < pieceBytes) continue;
      yield piece;
      if (!reuse) piece = new Uint8Array(pieceBytes);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}

/** Chunks of a stream as they come. Leaving early cancels the source. */
export async function* chunksOf(stream: ByteStream): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  if (!(Symbol.asyncIterator in stream) && !isWebStream(stream)) throw noBytes();
  for await (const chunk of rawChunksOf<unknown>(stream)) {
    if (typeof chunk === 'string') yield encoder.encode(chunk);
    else if (chunk instanceof Uint8Array) yield chunk;
    else if (ArrayBuffer.isView(chunk))
      yield new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    else throw noBytes();
  }
}

/** Asks the pieces for the next one when it is asked itself, never ahead. */
export const streamOf = (pieces: AsyncGenerator<Bytes>): ReadableStream<Bytes> =>
  new ReadableStream<Bytes>(
    {
      async pull(controller) {
        const next = await pieces.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );

const noBytes = (): SdkError =>
  sdkError('ERR_ARGUMENT', 'a file is a Blob, bytes, or a stream of bytes; this one is something else');
export const unreadable = (cause?: unknown): SdkError =>
  sdkError('ERR_ARGUMENT', 'the file cannot be read; was it changed or removed since it was chosen?', {
    cause,
  });
