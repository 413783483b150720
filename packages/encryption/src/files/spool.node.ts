import { randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sdkError } from '@trunkline/core';

/** Cipher text that waits: in memory while it is short, then in a file that has no name any more. */
export interface Spool {
  readonly size: number;
  /** Takes the bytes as they are, they must not change afterwards. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** Everything is written. */
  end(): Promise<void>;
  /** Bytes read into `into` from `at`; 0 at the end. */
  read(into: Uint8Array, at: number): Promise<number>;
  close(): void;
}

const memoryBytes = 4 * 1024 * 1024;
const batchBytes = 1024 * 1024;

/** Spools of one client. What no one closed goes with the client, or when no one can reach it any more. */
export function createSpools(): { make(): Spool; closeAll(): void } {
  const handles = new Set<FileHandle>();
  const shut = (handle: FileHandle): void => {
    if (handles.delete(handle)) handle.close().catch(() => undefined);
  };
  const lost = new FinalizationRegistry<FileHandle>(shut);

  async function openFile(): Promise<FileHandle> {
    const name = path.join(tmpdir(), `trunkline-${randomUUID()}`);
    const handle = await open(name, 'wx+', 0o600);
    handles.add(handle);
    try {
      // no one else can open it, and it is gone whatever becomes of this process
      await unlink(name);
    } catch (error) {
      shut(handle);
      throw error;
    }
    return handle;
  }

  function make(): Spool {
    let handle: FileHandle | undefined;
    let kept: Uint8Array[] = [];
    let keptBytes = 0;
    let writing: Promise<void> | undefined;
    let size = 0;
    let closed = false;

    async function flush(): Promise<void> {
      const batch = kept;
      kept = [];
      keptBytes = 0;
      try {
        if (handle === undefined) {
          handle = await openFile();
          lost.register(spool, handle, spool);
        }
        let rest: readonly Uint8Array[] = batch;
        // a full disk takes a part first
        while (rest.length > 0) rest = after(rest, (await handle.writev(rest)).bytesWritten);
      } catch (cause) {
        throw sdkError(
          'ERR_STORAGE',
          'the temporary folder takes no more of the file; is the disk full, or TMPDIR read-only?',
          { cause },
        );
      }
      if (closed) shut(handle);
    }
    const spool: Spool = {
      get size() {
        return size;
      },
      write(bytes) {
        kept.push(bytes);
        keptBytes += bytes.length;
        size += bytes.length;
        if (keptBytes < (handle === undefined && writing === undefined ? memoryBytes : batchBytes))
          return undefined;
        // one batch is written while the next one comes
        const before = writing;
        writing = (before ?? Promise.resolve()).then(flush);
        writing.catch(() => undefined);
        return before;
      },
      async end() {
        await writing;
        if (handle !== undefined && keptBytes > 0) await flush();
      },
      async read(into, at) {
        if (closed) throw sdkError('ERR_ARGUMENT', 'the file was given up; download it again');
        if (handle !== undefined) return (await handle.read(into, 0, into.length, at)).bytesRead;
        return copyFrom(kept, into, at);
      },
      close() {
        closed = true;
        kept = [];
        if (handle === undefined) return;
        lost.unregister(spool);
        shut(handle);
      },
    };
    return spool;
  }
  return {
    make,
    closeAll() {
      for (const handle of [...handles]) shut(handle);
    },
  };
}

/** What is left of the list after so many bytes. */
function after(list: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let left = bytes;
  const rest: Uint8Array[] = [];
  for (const item of list) {
    if (left >= item.length) left -= item.length;
    else {
      rest.push(item.subarray(left));
      left = 0;
    }
  }
  return rest;
}

function copyFrom(list: readonly Uint8Array[], into: Uint8Array, at: number): number {
  let skip = at;
  let copied = 0;
  for (const item of list) {
    if (skip >= item.length) {
      skip -= item.length;
      continue;
    }
    const part = item.subarray(skip, skip + into.length - copied);
    into.set(part, copied);
    copied += part.length;
    skip = 0;
    if (copied === into.length) break;
  }
  return copied;
}
