import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Kysely, Migrator, SqliteDialect, type SqliteDatabase, type SqliteStatement } from 'kysely';
import Libsql from 'libsql';
import { messaging } from './migrations/0001-messaging.js';
import { features } from './migrations/0002-features.js';
import { signIn } from './migrations/0003-sign-in.js';
import type { Database } from './schema.js';
import type { Store } from './store.js';
import { createWriteQueue } from './write-queue.js';

/** Migrations in order; a name never changes once released. */
const migrations = { '0001-messaging': messaging, '0002-features': features, '0003-sign-in': signIn };

// kysely prepares a statement for each query; preparing costs more than running most of ours
function withStatementCache(database: Libsql.Database): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => {
      statements.clear();
      database.close();
    },
    prepare: (text) => {
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

/**
 * The embedded store: libsql (SQLite) in `directory`. `memory` is a folder of its own in the system's temporary one,
 * without syncing, removed when the store closes: the same two connections and the same rules as on disk.
 */
export async function openLibsqlStore(directory: string): Promise<Store> {
  const temporary = directory === 'memory';
  const folder = temporary ? mkdtempSync(path.join(tmpdir(), 'trunkline-')) : directory;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  if (temporary) process.once('exit', remove);
  const lock = lockFolder(folder);
  const open = (): { raw: Libsql.Database; db: Kysely<Database> } => {
    const raw = new Libsql(path.join(folder, 'trunkline.db'));
    raw.exec('pragma journal_mode = wal');
    // FULL: COMMIT returns after the log is on disk
    raw.exec(`pragma synchronous = ${temporary ? 'off' : 'full'}`);
    raw.exec('pragma busy_timeout = 5000');
    return { raw, db: new Kysely({ dialect: new SqliteDialect({ database: withStatementCache(raw) }) }) };
  };
  const writing = open();
  const { error } = await new Migrator({
    db: writing.db,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  }).migrateToLatest();
  if (error !== undefined) {
    await writing.db.destroy();
    lock.close();
    throw error instanceof Error
      ? error
      : new Error('the data folder could not be brought up to date', { cause: error });
  }
  const reading = open();
  const queue = createWriteQueue(writing.db, (text) => {
    writing.raw.exec(text);
  });
  return {
    db: reading.db,
    write: queue.write,
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
