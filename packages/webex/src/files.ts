import type { FileInput } from '@trunkline/messages';
import { typeOfName } from '@trunkline/wire';

/** Bytes with a `name`, or a stream from a file, as the official client takes them; a Blob says all by itself. */
export function named(file: unknown): FileInput {
  if (typeof file !== 'object' || file === null || 'arrayBuffer' in file || 'data' in file)
    return file as FileInput;
  const { name, type, path } = file as {
    readonly name?: unknown;
    readonly type?: unknown;
    readonly path?: unknown;
  };
  const filename =
    typeof name === 'string' ? name : typeof path === 'string' ? path.split(/[\\/]/).pop() : undefined;
  if (!filename) return file as FileInput;
  const contentType = typeof type === 'string' && type.includes('/') ? type : typeOfName(filename);
  return { data: file as Uint8Array, filename, ...(contentType !== undefined && { contentType }) };
}

/** A Buffer where there are Buffers, as there. */
export function bufferOf(bytes: Uint8Array): Uint8Array {
  const { Buffer } = globalThis as {
    readonly Buffer?: { from(bytes: ArrayBufferLike, at: number, length: number): Uint8Array };
  };
  return Buffer ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytes;
}
