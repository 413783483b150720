import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Database } from './schema.js';

/**
 * Many rows at once, each a list of its values: one text of JSON, because the driver takes several times as long for each
 * value as the database does. Not for columns with bytes.
 *
 * @param from what follows `from`
 */
export async function jsonLists<List extends readonly unknown[]>(
  db: Kysely<Database>,
  columns: readonly string[],
  from: RawBuilder<unknown>,
): Promise<readonly List[]> {
  const listOf = sql.join(columns.map((column) => sql.ref(column)));
  const { rows } = await sql<{
    all: string;
  }>`select json_group_array(json_array(${listOf})) as "all"
    from ${from}`.execute(db);
  // lists, not objects: the names would be most of the text
  return JSON.parse(rows[0]?.all ?? '[]') as readonly List[];
}

/**
 * The same as rows with names.
 *
 * @example jsonRows<UsersTable>(db, ['id', 'email'], sql`users where org_id = ${orgId}`)
 */
export async function jsonRows<Row extends object, Column extends keyof Row & string = keyof Row & string>(
  db: Kysely<Database>,
  columns: readonly Column[],
  from: RawBuilder<unknown>,
): Promise<readonly Pick<Row, Column>[]> {
  const lists = await jsonLists(db, columns, from);
  return lists.map((list) => {
    const row: Record<string, unknown> = {};
    for (let n = 0; n < columns.length; n += 1) row[columns[n] ?? ''] = list[n];
    return row as Pick<Row, Column>;
  });
}

/**
 * The values of a list as a table with one column, `listed`: however many there are, the query is the same. To be followed
 * by `cross join`, which goes through the list and looks up each; with another join SQLite may go through all of the other
 * table and look into the list for each of its rows.
 */
export const listed = (values: readonly string[]): RawBuilder<unknown> =>
  sql`(select value as listed from json_each(${JSON.stringify(values)}))`;
