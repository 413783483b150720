import type { Compilable, Kysely } from 'kysely';
import type { Database } from './schema.js';

/** `first`: no more than one row is looked for, which is a good deal cheaper. */
type Run = (text: string, parameters: readonly unknown[], first: boolean) => readonly unknown[];

// what an embedded connection can do without kysely's queue between: it has nobody else to wait for
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
  const count = build.length - 1;
  let text: string | undefined;
  let parameters: readonly unknown[] = [];
  return async (db, ...values) => {
    const run = direct.get(db);
    // a connection of another kind: as kysely does it
    if (run === undefined) return (await db.executeQuery(build(db, ...values))).rows;
    if (text === undefined) {
      const holes = Array.from({ length: count }, (_, index) => new Hole(index));
      const compiled = build(db, ...(holes as unknown as Arguments)).compile();
      text = compiled.sql;
      parameters = compiled.parameters;
    }
    const bound = parameters.map((value) => (value instanceof Hole ? values[value.index] : value));
    return run(text, bound, first) as Row[];
  };
}
