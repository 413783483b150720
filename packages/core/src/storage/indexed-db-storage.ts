import { sdkError, type SdkError } from '../kernel/errors.js';
import type { Storage } from './storage.js';

export interface IndexedDbStorageOptions {
  /** of the database; default `trunkline` */
  readonly name?: string;
}

/** A storage that holds something open. */
export interface ClosableStorage extends Storage {
  /** Closes the database; the next call opens it again. */
  close(): Promise<void>;
}

const store = 'values';

/**
 * IndexedDB: larger than `webStorage()`, and there in workers too. Nothing is opened before the first call.
 *
 * @throws {SdkError} (each call) `ERR_STORAGE` when it is blocked, full or missing; it never turns to memory by itself
 * @example const client = createClient({ token, storage: indexedDbStorage() });
 */
export function indexedDbStorage({ name = 'trunkline' }: IndexedDbStorageOptions = {}): ClosableStorage {
  let opening: Promise<IDBDatabase> | undefined;

  const forget = (): void => {
    opening = undefined;
  };
  const open = (): Promise<IDBDatabase> =>
    (opening ??= openDatabase(name, forget).catch((cause: unknown) => {
      forget();
      throw failure('opened', cause);
    }));
  const transact = async <T>(
    mode: IDBTransactionMode,
    run: (values: IDBObjectStore) => IDBRequest<T>,
    again = true,
  ): Promise<T> => {
    const database = await open();
    try {
      return await new Promise<T>((resolve, reject) => {
        const transaction = database.transaction(store, mode);
        const request = run(transaction.objectStore(store));
        // a write is done when its transaction is: the request alone may still be rolled back by a full disk
        transaction.oncomplete = () => {
          resolve(request.result);
        };
        transaction.onabort = transaction.onerror = () => {
          reject(transaction.error ?? request.error ?? new Error('the transaction was aborted'));
        };
      });
    } catch (cause) {
      // the browser closed the connection under us (another version, cleared site data): once more with a new one
      if (again && (cause as Partial<Error> | null)?.name === 'InvalidStateError') {
        forget();
        return await transact(mode, run, false);
      }
      throw failure(mode === 'readonly' ? 'read' : 'written', cause);
    }
  };

  return {
    get: async (key) => {
      const value: unknown = await transact<unknown>('readonly', (values) => values.get(key));
      return typeof value === 'string' ? value : undefined;
    },
    set: async (key, value) => {
      await transact('readwrite', (values) => values.put(value, key));
    },
    remove: async (key) => {
      await transact('readwrite', (values) => values.delete(key));
    },
    close: async () => {
      const database = await opening?.catch(() => undefined);
      forget();
      database?.close();
    },
  };
}

function openDatabase(name: string, closed: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const factory = (globalThis as { indexedDB?: IDBFactory }).indexedDB;
    if (factory === undefined) throw new Error('there is no IndexedDB in this runtime');
    const request = factory.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(store);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('it could not be opened'));
    };
    request.onsuccess = () => {
      const database = request.result;
      database.onversionchange = () => {
        closed();
        database.close();
      };
      database.onclose = closed;
      resolve(database);
    };
  });
}

const failure = (what: string, cause: unknown): SdkError =>
  sdkError(
    'ERR_STORAGE',
    `IndexedDB could not be ${what}: ${
      (cause as Partial<Error> | null)?.name === 'QuotaExceededError'
        ? 'it is full'
        : 'it is blocked, missing or broken'
    }; use another storage, or memoryStorage()`,
    { cause },
  );
