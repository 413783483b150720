// As much of the tar format (ustar) as a backup needs: plain files, so that any `tar` can look into one.
import type { FileHandle } from 'node:fs/promises';

const block = 512;

export interface Entry {
  readonly name: string;
  /** bytes */
  readonly size: number;
}

const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;

/** @throws when the name has more than 100 characters, or the file 8 GiB */
export function header({ name, size }: Entry, mtimeMs: number): Buffer {
  if (Buffer.byteLength(name) > 100 || size >= 8 ** 11)
    throw new Error(`${name} is too large, or its name too long, for this kind of archive`);
  const bytes = Buffer.alloc(block);
  const put = (text: string, at: number): number => bytes.write(text, at, 'latin1');
  put(name, 0);
  put(octal(0o600, 8), 100);
  put(octal(0, 8), 108);
  put(octal(0, 8), 116);
  put(octal(size, 12), 124);
  put(octal(Math.floor(mtimeMs / 1000), 12), 136);
  put('        ', 148);
  put('0', 156);
  put('ustar\x0000', 257);
  put(
    `${bytes
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return bytes;
}

export const padding = (size: number): Buffer => Buffer.alloc((block - (size % block)) % block);
export const ending = (): Buffer => Buffer.alloc(2 * block);

/**
 * Hands on each file of an archive in order: its name, and its bytes in pieces.
 *
 * @throws Error when this is no such archive, or it ends too early
 */
export async function* entries(
  file: FileHandle,
): AsyncGenerator<Entry & { readonly bytes: AsyncGenerator<Buffer> }> {
  let at = 0;
  const read = async (length: number, from: number): Promise<Buffer> => {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await file.read(bytes, 0, length, from);
    if (bytesRead < length) throw new Error('the backup is cut off');
    return bytes;
  };
  for (;;) {
    const head = await read(block, at);
    at += block;
    if (head.every((byte) => byte === 0)) return;
    const sum = parseInt(head.toString('latin1', 148, 156), 8);
    head.fill(0x20, 148, 156);
    if (head.reduce((total, byte) => total + byte, 0) !== sum)
      throw new Error('this is no backup, or it was damaged');
    const name = head.toString('latin1', 0, 100).replace(/\0.*$/s, '');
    const size = parseInt(head.toString('latin1', 124, 136), 8);
    const start = at;
    at += size + padding(size).length;
    yield {
      name,
      size,
      bytes: (async function* () {
        for (let done = 0; done < size;) {
          const piece = await read(Math.min(1024 * 1024, size - done), start + done);
          done += piece.length;
          yield piece;
        }
      })(),
    };
  }
}
