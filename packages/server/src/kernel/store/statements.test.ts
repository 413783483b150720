// Counts what is asked of the database, below everything that caches or prepares.
import Libsql from 'libsql';

export interface Statement {
  /** as it was prepared */
  readonly sql: string;
  /** rows it returned; a list as one text of JSON counts as its items */
  readonly rows: number;
}

type Run<Result> = (...values: unknown[]) => Result;
interface Runs {
  run: Run<unknown>;
  get: Run<unknown>;
  all: Run<unknown[]>;
}
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** A list of rows may be one row whose only value is `all`, see `jsonRows`. */
function rowsIn(result: readonly unknown[]): number {
  const [row] = result;
  const all = result.length === 1 && isRecord(row) ? row['all'] : undefined;
  const list: unknown = typeof all === 'string' ? JSON.parse(all) : undefined;
  return Array.isArray(list) ? list.length : result.length;
}

/** Records the statements of stores that are opened from now on, until `stop`. */
export function recordStatements() {
  const recorded: Statement[] = [];
  const prototype = Libsql.prototype as unknown as {
    prepare: (this: unknown, sql: string) => Runs;
  };
  const original = Object.getOwnPropertyDescriptor(prototype, 'prepare');
  const prepare = prototype.prepare;
  prototype.prepare = function (this: unknown, sql: string): Runs {
    const statement = prepare.call(this, sql);
    const run = statement.run.bind(statement);
    const get = statement.get.bind(statement);
    const all = statement.all.bind(statement);
    statement.run = (...values) => {
      recorded.push({ sql, rows: 0 });
      return run(...values);
    };
    statement.get = (...values) => {
      const row = get(...values);
      recorded.push({ sql, rows: row === undefined ? 0 : rowsIn([row]) });
      return row;
    };
    statement.all = (...values) => {
      const rows = all(...values);
      recorded.push({ sql, rows: rowsIn(rows) });
      return rows;
    };
    return statement;
  };
  return {
    /** What ran since the last call; without `begin`, `commit` and savepoints. */
    take: (): readonly Statement[] =>
      recorded.splice(0).filter(({ sql }) => !/^(begin|commit|rollback|savepoint|release)/i.test(sql)),
    stop: (): void => {
      if (original !== undefined) Object.defineProperty(prototype, 'prepare', original);
    },
  };
}
