import { sdkError, type SdkError } from '../kernel/errors.js';
import type { Storage } from './storage.js';

/** What is used of the browser's own storage. Spelt out, because the types of Node and of workers do not have it. */
export interface WebStorageArea {
  /** Returns the value of a key, or `null`. */
  getItem(key: string): string | null;
  /** Stores a value. */
  setItem(key: string, value: string): void;
  /** Removes a key. */
  removeItem(key: string): void;
}

export interface WebStorageOptions {
  /** `local` (default): shared by all tabs of this origin, stays. `session`: this tab, until it is closed. */
  readonly area?: 'local' | 'session' | WebStorageArea;
  /** Before each key, so that the page's own entries are left alone. Default `trunkline/`. */
  readonly prefix?: string;
}

/**
 * `localStorage` or `sessionStorage`. Small (about 5 MB for the whole origin) and readable by every script of the page: fit
 * for tokens and settings, not for files. The browser's storage is looked up at each call, so that making one is safe
 * anywhere, also in server rendering.
 *
 * It never turns to memory by itself, because what seems kept and is not is worse than an error: blocked, full or missing
 * storage rejects with `ERR_STORAGE`, and the caller decides, for example for `memoryStorage()`.
 *
 * @throws {SdkError} (each call) `ERR_STORAGE`
 * @example const client = createClient({ token, storage: webStorage() });
 */
export function webStorage({ area = 'local', prefix = 'trunkline/' }: WebStorageOptions = {}): Storage {
  const name = typeof area === 'string' ? `${area}Storage` : 'the given storage';
  const use = <T>(what: string, run: (found: WebStorageArea) => T): Promise<T> => {
    // at once, not in a later turn: a page that is about to be left keeps what it set
    try {
      return Promise.resolve(run(typeof area === 'string' ? areaNamed(area) : area));
    } catch (cause) {
      return Promise.reject(failure(what, name, cause));
    }
  };
  return {
    get: (key) => use('read', (found) => found.getItem(prefix + key) ?? undefined),
    set: (key, value) =>
      use('written', (found) => {
        found.setItem(prefix + key, value);
      }),
    remove: (key) =>
      use('cleared', (found) => {
        found.removeItem(prefix + key);
      }),
  };
}

// the getter itself throws where storage is blocked
function areaNamed(area: 'local' | 'session'): WebStorageArea {
  const found = (globalThis as Partial<Pick<Window, 'localStorage' | 'sessionStorage'>>)[`${area}Storage`];
  if (found === undefined) throw new Error('there is none in this runtime');
  return found;
}

function failure(what: string, name: string, cause: unknown): SdkError {
  const kind = (cause as Partial<Error> | null)?.name;
  const why =
    kind === 'QuotaExceededError' || kind === 'NS_ERROR_DOM_QUOTA_REACHED'
      ? 'it is full'
      : kind === 'SecurityError'
        ? 'the browser blocks it for this page'
        : 'it is not there, or broken';
  return sdkError(
    'ERR_STORAGE',
    `${name} could not be ${what}: ${why}; use another storage, or memoryStorage()`,
    {
      cause,
    },
  );
}
