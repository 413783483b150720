import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { sdkError, type SdkError } from '../kernel/errors.js';
import { createKeyedQueue } from '../kit/keyed-queue.js';
import type { Storage } from './storage.js';

/**
 * A file for each value in `folder`, readable by its owner only (mode 0600, folder 0700). A value is replaced as a whole: a
 * crash leaves the old or the new one. Several processes may share a folder; the last one to write wins.
 *
 * @param folder made at the first write
 * @throws {SdkError} (each call) `ERR_STORAGE` when the folder cannot be read or written
 * @example const client = createClient({ token, storage: fileStorage('./data') });
 */
export function fileStorage(folder: string): Storage {
  const writes = createKeyedQueue(); // two writes of one key end in the order of their calls
  // keys are URIs, addresses, anything: a digest is a safe name on every file system, also where case does not count
  const fileOf = (key: string): string => path.join(folder, createHash('sha256').update(key).digest('hex'));

  return {
    get: async (key) => {
      try {
        return await readFile(fileOf(key), 'utf8');
      } catch (cause) {
        if (isMissing(cause)) return undefined;
        throw failure('read', folder, cause);
      }
    },
    set: async (key, value) => {
      await writes.run(key, async () => {
        const file = fileOf(key);
        const fresh = `${file}.${randomUUID()}.new`;
        try {
          await mkdir(folder, { recursive: true, mode: 0o700 });
          const handle = await open(fresh, 'wx', 0o600);
          try {
            await handle.writeFile(value);
            await handle.sync(); // else a power cut may leave the new name with no content
          } finally {
            await handle.close();
          }
          await rename(fresh, file);
        } catch (cause) {
          await rm(fresh, { force: true }).catch(() => undefined);
          throw failure('written', folder, cause);
        }
      });
    },
    remove: async (key) => {
      await writes.run(key, async () => {
        try {
          await rm(fileOf(key), { force: true });
        } catch (cause) {
          throw failure('cleared', folder, cause);
        }
      });
    },
  };
}

const codeOf = (cause: unknown): string | undefined => (cause as { code?: string } | null)?.code;
const isMissing = (cause: unknown): boolean => codeOf(cause) === 'ENOENT';

const failure = (what: string, folder: string, cause: unknown): SdkError =>
  sdkError(
    'ERR_STORAGE',
    `a value in ${folder} could not be ${what} (${codeOf(cause) ?? 'unknown'}); is it a folder this process may use, with space left?`,
    { cause },
  );
