import type { Kysely } from 'kysely';
import type { Database } from './schema.js';

// by writing connection: it sees everything that is written, in order, so what it read holds until it writes over it
const caches = new WeakMap<Kysely<Database>, Map<object, Map<string, unknown>>>();

/** Says that this connection alone writes, one write after the other. Returns what to call when anything was undone. */
export function remembers(writing: Kysely<Database>): () => void {
  const known = new Map<object, Map<string, unknown>>();
  caches.set(writing, known);
  return () => {
    known.clear();
  };
}

/** Rows that writes look at again and again. */
export interface Remembered<Value> {
  get(tx: Kysely<Database>, key: string): Value | undefined;
  set(tx: Kysely<Database>, key: string, value: Value): void;
  /** Together with each change of the row, in the same write. */
  forget(tx: Kysely<Database>, key: string): void;
}

/**
 * A memory of rows for writes, and for no one else: readers, and connections that do not write alone, get nothing from
 * it. Anyone who changes a row here says so in the same function; what a failed write or commit left in it is gone.
 */
export function remembered<Value>(most: number): Remembered<Value> {
  const own = {};
  const of = (tx: Kysely<Database>): Map<string, Value> | undefined =>
    caches.get(tx)?.get(own) as Map<string, Value> | undefined;
  return {
    get: (tx, key) => of(tx)?.get(key),
    set: (tx, key, value) => {
      const all = caches.get(tx);
      if (all === undefined) return;
      let map = of(tx);
      if (map === undefined) all.set(own, (map = new Map<string, Value>()));
      else if (map.size >= most) map.clear();
      map.set(key, value);
    },
    forget: (tx, key) => {
      of(tx)?.delete(key);
    },
  };
}
