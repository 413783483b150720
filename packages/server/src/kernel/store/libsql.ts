import { Kysely, Migrator, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';
import Libsql from 'libsql';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Migrations, newestOf } from './migrations.js';
import { runsDirectly } from './prepared.js';
import type { Database } from './schema.js';
import type { Store } from './store.js';
import { remembers } from './write-cache.js';
import { createWriteQueue, type WriteQueueOptions } from './write-queue.js';

interface Known {
  readonly statement: Libsql.Statement;
  /** answers rows */
  readonly reads: boolean;
  readonly mayChange: boolean;
}

const mayChange = (text: string): boolean => !/^select\b/i.test(text);

// kysely prepares a statement for each query; preparing costs more than running most of ours
function withStatementCache(database: Libsql.Database, changing: () => void): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => {
      statements.clear();
      database.close();
    },
    prepare: (text) => {
      if (mayChange(text)) changing();
      let statement = statements.get(text);
      if (statement === undefined) {
        if (statements.size > 500) statements.clear();
        statement = database.prepare(text);
        statements.set(text, statement);
      }
      return statement;
    },
  };
}

// The service remembers tokens, members and positions, so a second one on the same folder would go wrong in silence. The
// lock is the operating system's: it ends with the process, however that ends.
function lockFolder(folder: string): Libsql.Database {
  const lock = new Libsql(path.join(folder, 'lock.db'));
  try {
    lock.exec('begin exclusive');
  } catch (cause) {
    lock.close();
    throw new Error(`the data folder ${folder} is in use by another service`, { cause });
  }
  return lock;
}

/** All that are missing, in one transaction: a folder is never left half way. */
async function migrate(
  raw: Libsql.Database,
  db: Kysely<Database>,
  folder: string,
  migrations: Migrations,
): Promise<void> {
  const [table] = raw.prepare("select name from sqlite_master where name = 'kysely_migration'").all();
  const done =
    table === undefined
      ? []
      : (raw.prepare('select name from kysely_migration order by name').all() as { name: string }[]);
  const strange = done.find(({ name }) => !Object.hasOwn(migrations, name));
  if (strange !== undefined)
    throw new Error(
      `the data folder ${folder} was written by a newer version of this service (it has ${strange.name}, the newest ` +
        `here is ${newestOf(migrations)}): start that version or a later one, or restore a backup into a new folder`,
    );
  // kysely would run each by itself: SQLite can undo a change of tables, too
  raw.exec('begin immediate');
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
  }).migrateToLatest();
  if (error === undefined) {
    raw.exec('commit');
    return;
  }
  if (raw.inTransaction) raw.exec('rollback');
  throw error instanceof Error
    ? error
    : new Error(`the data folder ${folder} could not be brought up to date; it is as it was`, {
        cause: error,
      });
}

/**
 * The embedded store: libsql (SQLite) in `directory`. `memory` is a folder of its own in the system's temporary one,
 * without syncing, removed when the store closes: the same two connections and the same rules as on disk.
 */
export async function openLibsqlStore(
  directory: string,
  { committed, migrations }: Pick<WriteQueueOptions, 'committed'> & { readonly migrations: Migrations },
): Promise<Store> {
  const temporary = directory === 'memory';
  const folder = temporary ? mkdtempSync(path.join(tmpdir(), 'trunkline-')) : directory;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  if (temporary) process.once('exit', remove);
  const lock = lockFolder(folder);
  const open = (): { raw: Libsql.Database; db: Kysely<Database>; changes: () => number } => {
    const raw = new Libsql(path.join(folder, 'trunkline.db'));
    raw.exec('pragma journal_mode = wal');
    // FULL: COMMIT returns after the log is on disk
    raw.exec(`pragma synchronous = ${temporary ? 'off' : 'full'}`);
    raw.exec('pragma busy_timeout = 5000');
    let changes = 0;
    const statements = withStatementCache(raw, () => {
      changes += 1;
    });
    const db = new Kysely<Database>({ dialect: new SqliteDialect({ database: statements }) });
    const known = new Map<string, Known>();
    runsDirectly(db, (text, parameters, wanted) => {
      let entry = known.get(text);
      if (entry === undefined) {
        const statement = raw.prepare(text);
        known.set(text, (entry = { statement, reads: statement.reader, mayChange: mayChange(text) }));
      }
      const { statement, reads } = entry;
      if (entry.mayChange) changes += 1;
      if (!reads) {
        const { lastInsertRowid } = statement.run(parameters);
        return wanted === 'key' ? [lastInsertRowid] : [];
      }
      if (wanted === 'all') return statement.all(parameters);
      const row: unknown = statement.get(parameters);
      return row === undefined ? [] : [row];
    });
    return { raw, db, changes: () => changes };
  };
  const writing = open();
  try {
    await migrate(writing.raw, writing.db, folder, migrations);
  } catch (error) {
    await writing.db.destroy();
    lock.close();
    throw error;
  }
  const reading = open();
  const statements = new Map<string, Libsql.Statement>();
  const queue = createWriteQueue(
    writing.db,
    (text) => {
      let statement = statements.get(text);
      if (statement === undefined) statements.set(text, (statement = writing.raw.prepare(text)));
      statement.run();
    },
    {
      inTransaction: () => writing.raw.inTransaction,
      changes: writing.changes,
      undone: remembers(writing.db),
      ...(committed && { committed }),
    },
  );
  return {
    db: reading.db,
    write: queue.write,
    waiting: queue.waiting,
    close: async () => {
      await queue.close();
      await reading.db.destroy();
      await writing.db.destroy();
      lock.close();
      if (temporary) {
        process.off('exit', remove);
        remove();
      }
    },
  };
}
