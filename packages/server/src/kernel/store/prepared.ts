import type { Compilable, InsertQueryBuilder, InsertResult, Kysely } from 'kysely';
import type { Database } from './schema.js';

/** `first`: no more than one row is looked for, which is a good deal cheaper; `key`: the number of the inserted row. */
type Wanted = 'all' | 'first' | 'key';
type Run = (text: string, parameters: readonly unknown[], wanted: Wanted) => readonly unknown[];

// what an embedded connection can do without kysely's queue between: it has no one else to wait for
const direct = new WeakMap<Kysely<Database>, Run>();

/** Says how queries of this connection are run when their text is known already. */
export function runsDirectly(db: Kysely<Database>, run: Run): void {
  direct.set(db, run);
}

/** Stands for an argument while the query is built. */
class Hole {
  constructor(readonly index: number) {}
}

/**
 * A query of the hot path: built and compiled by kysely once, then only run. Building it costs several times what
 * running it does.
 *
 * @param build gets a stand-in for each argument: it must hand them on as they are and look at none of them
 * @example
 * const titleOf = prepared((db, id: string) => db.selectFrom('conversations').select('title').where('id', '=', id));
 * const [row] = await titleOf(tx, id);
 */
export function prepared<Arguments extends readonly unknown[], Row>(
  build: (db: Kysely<Database>, ...values: Arguments) => Compilable<Row>,
  { first = false }: { readonly first?: boolean } = {},
): (db: Kysely<Database>, ...values: Arguments) => Promise<readonly Row[]> {
  const fill = compiled(build);
  return async (db, ...values) => {
    const run = direct.get(db);
    // a connection of another kind: as kysely does it
    if (run === undefined) return (await db.executeQuery(build(db, ...values))).rows;
    const { text, bound } = fill(db, values);
    return run(text, bound, first ? 'first' : 'all') as Row[];
  };
}

/**
 * The same for inserting a row whose key the database counts: answers that. `RETURNING` would cost several times what
 * the insert does.
 */
export function preparedInsert<Arguments extends readonly unknown[]>(
  build: (db: Kysely<Database>, ...values: Arguments) => InsertQueryBuilder<Database, 'events', InsertResult>,
): (db: Kysely<Database>, ...values: Arguments) => Promise<number> {
  const fill = compiled(build);
  return async (db, ...values) => {
    const run = direct.get(db);
    if (run === undefined)
      return (
        await build(db, ...values)
          .returning('events.pos')
          .executeTakeFirstOrThrow()
      ).pos;
    const { text, bound } = fill(db, values);
    const [key] = run(text, bound, 'key');
    return Number(key);
  };
}

/** Compiles it once, and then only puts the arguments in their places. */
function compiled<Arguments extends readonly unknown[]>(
  build: (db: Kysely<Database>, ...values: Arguments) => Compilable,
): (db: Kysely<Database>, values: Arguments) => { readonly text: string; readonly bound: unknown[] } {
  const count = build.length - 1;
  let text: string | undefined;
  let parameters: readonly unknown[] = [];
  /** which argument goes where; -1: the query's own value */
  let places: readonly number[] = [];
  return (db, values) => {
    if (text === undefined) {
      const holes = Array.from({ length: count }, (_, index) => new Hole(index));
      const query = build(db, ...(holes as unknown as Arguments)).compile();
      text = query.sql;
      parameters = query.parameters;
      places = parameters.map((value) => (value instanceof Hole ? value.index : -1));
    }
    // a plain loop: this runs several times for each message
    const bound: unknown[] = [];
    for (let n = 0; n < parameters.length; n += 1) {
      const index = places[n] ?? -1;
      bound.push(index < 0 ? parameters[n] : values[index]);
    }
    return { text, bound };
  };
}
