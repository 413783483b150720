import type { Storage } from './storage.js';

/**
 * A part of `storage` that is shared with no one: every key lies below `prefix`. Namespaces may be nested, and no prefix
 * can be chosen so that it reaches into another.
 *
 * @example const anas = namespaced(namespaced(fileStorage('./data'), 'my-app'), 'ana@example.com');
 */
export function namespaced(storage: Storage, prefix: string): Storage {
  const below = (key: string): string => `${encodeURIComponent(prefix)}/${key}`;
  return {
    get: (key) => storage.get(below(key)),
    set: (key, value) => storage.set(below(key), value),
    remove: (key) => storage.remove(below(key)),
  };
}
