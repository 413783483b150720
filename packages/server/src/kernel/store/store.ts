import type { Kysely } from 'kysely';
import type { Database } from './schema.js';

/** Inside one write: `tx` for queries (never the store's own `db`), `afterCommit` for what must only happen then. */
export interface Write {
  readonly tx: Kysely<Database>;
  /** Runs after COMMIT, before the caller's promise resolves; not at all when the write or its commit fails. */
  afterCommit(run: () => void): void;
}

export interface WriteOptions {
  /**
   * The work may run again from its start when what it did was undone: what it does outside of the transaction harms
   * no one when it is done twice, or waits for `afterCommit`. Such writes share a savepoint, which costs less.
   */
  readonly repeatable?: boolean;
}

/** The SQL port. Embedded: libsql in a folder. The contract tests in `store.contract.ts` run on every implementation. */
export interface Store {
  /** For reading: sees committed state only. */
  readonly db: Kysely<Database>;
  /**
   * All writing. Waits its turn in one queue; writes that wait together share one transaction (at most 2 ms of waiting),
   * and one that throws undoes itself and no other. Resolves after COMMIT, which
   * is durable: a kill or a power cut after it loses nothing.
   */
  write<T>(work: (write: Write) => Promise<T>, options?: WriteOptions): Promise<T>;
  /** How many writes are queued or under way. */
  waiting(): number;
  /** Waits for what is queued, then closes. */
  close(): Promise<void>;
}
