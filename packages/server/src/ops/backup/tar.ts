// As much of the tar format (ustar) as a backup needs: plain files, so that any `tar` can look into one.
import type { FileHandle } from 'node:fs/promises';

const block = 512;

export interface Entry {
  readonly name: string;
  /** bytes */
  readonly size: number;
}

const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;

/** @throws BackupError when the name has more than 100 characters, or the file 8 GiB */
export function header({ name, size }: Entry, mtimeMs: number): Buffer {
  if (Buffer.byteLength(name) > 100 || size >= 8 ** 11)
    throw new BackupError(`${name} is too large, or its name too long, for this kind of archive.`);
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

/** Why a backup cannot be made or restored; its message is for the person at the command line. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}
const damaged = (why: string): BackupError =>
  new BackupError(`this is not a backup, or it was damaged: ${why}. Use another copy of it.`);

/** A number as tar writes it: octal digits, filled up with zeros or spaces. */
function numberIn(head: Buffer, what: string, from: number, to: number): number {
  const digits = /^ *([0-7]+)[ \0]*$/.exec(head.toString('latin1', from, to))?.[1];
  const value = digits === undefined ? NaN : parseInt(digits, 8);
  if (!Number.isSafeInteger(value)) throw damaged(`the ${what} of an entry is not a number`);
  return value;
}

function entryOf(head: Buffer): Entry {
  const sum = numberIn(head, 'checksum', 148, 156);
  const bare = Buffer.from(head);
  bare.fill(0x20, 148, 156);
  if (bare.reduce((total, byte) => total + byte, 0) !== sum) throw damaged('a checksum does not match');
  if (head.toString('latin1', 257, 262) !== 'ustar') throw damaged('an entry is not in the format ustar');
  if (head[156] !== 0x30) throw damaged('an entry is not a plain file');
  if (head[345] !== 0) throw damaged('a name is too long');
  for (const [what, from, to] of [
    ['mode', 100, 108],
    ['owner', 108, 116],
    ['group', 116, 124],
    ['time', 136, 148],
  ] as const)
    numberIn(head, what, from, to);
  return {
    name: head.toString('latin1', 0, 100).replace(/\0.*$/s, ''),
    size: numberIn(head, 'size', 124, 136),
  };
}

/**
 * Passes on each file of an archive in order: its name, and its bytes in pieces.
 *
 * @throws BackupError when this is not such an archive, or it ends too early
 */
export async function* entries(
  file: Pick<FileHandle, 'read' | 'stat'>,
): AsyncGenerator<Entry & { readonly bytes: AsyncGenerator<Buffer> }> {
  const { size: whole } = await file.stat();
  let at = 0;
  const read = async (length: number, from: number): Promise<Buffer> => {
    if (from + length > whole)
      throw new BackupError('the backup is cut off: it ends in the middle of a file.');
    const bytes = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await file.read(bytes, done, length - done, from + done);
      if (bytesRead === 0) throw new BackupError('the backup is cut off: it ends in the middle of a file.');
      done += bytesRead;
    }
    return bytes;
  };
  for (;;) {
    const head = await read(block, at);
    at += block;
    if (head.every((byte) => byte === 0)) return;
    const entry = entryOf(head);
    const start = at;
    at += entry.size + padding(entry.size).length;
    if (at > whole) throw new BackupError('the backup is cut off: it ends in the middle of a file.');
    yield {
      ...entry,
      bytes: (async function* () {
        for (let done = 0; done < entry.size;) {
          const piece = await read(Math.min(1024 * 1024, entry.size - done), start + done);
          done += piece.length;
          yield piece;
        }
      })(),
    };
  }
}
