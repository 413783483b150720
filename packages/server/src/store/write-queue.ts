import type { Kysely } from 'kysely';
import type { Database } from './schema.js';
import type { Store, Write } from './store.js';

interface Entry {
  run(): Promise<void>;
  /** after COMMIT */
  done(): void;
  fail(error: unknown): void;
}

/** How the queue knows more of its connection, and who watches it. */
export interface WriteQueueOptions {
  /** False when the database ended the transaction by itself, as it may when the disk is full. */
  readonly inTransaction?: () => boolean;
  /** After each COMMIT: how many writes it held, and how long they took, in seconds. */
  readonly committed?: (writes: number, seconds: number) => void;
}

/** a batch never grows past this, so that nobody waits for a stranger's thousand rows */
const maxBatch = 256;

/**
 * One queue for all writes of a store: what waits together is committed together.
 *
 * @param db   of the writing connection, which nobody else uses
 * @param exec runs `begin`, `savepoint`, `commit` … on that connection
 */
export function createWriteQueue(
  db: Kysely<Database>,
  exec: (text: string) => void,
  { inTransaction = () => true, committed }: WriteQueueOptions = {},
): Pick<Store, 'write' | 'waiting'> & { close(): Promise<void> } {
  let waiting: Entry[] = [];
  let busy = 0;
  let running: Promise<void> | undefined;
  let closed = false;

  /** One write behind its savepoint. False when it failed and undid itself alone. */
  async function stored(entry: Entry): Promise<boolean> {
    try {
      exec('savepoint w');
      await entry.run();
      exec('release w');
      return true;
    } catch (error) {
      // outside of a transaction a savepoint commits by itself: nothing more may run before the next `begin`
      if (!inTransaction()) throw error;
      exec('rollback to w');
      exec('release w');
      entry.fail(error);
      return false;
    }
  }

  async function runBatch(batch: readonly Entry[]): Promise<void> {
    const start = performance.now();
    const open = new Set(batch);
    try {
      exec('begin immediate');
      for (const entry of batch) if (!(await stored(entry))) open.delete(entry);
      exec('commit');
    } catch (error) {
      try {
        exec('rollback');
      } catch {
        // it is over already
      }
      for (const entry of open) entry.fail(error);
      return;
    }
    committed?.(open.size, (performance.now() - start) / 1000);
    for (const entry of open) entry.done();
  }

  async function drain(): Promise<void> {
    // one turn of the event loop: requests that arrived together are in the same batch
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxBatch);
      waiting = waiting.slice(maxBatch);
      busy = batch.length;
      await runBatch(batch);
      busy = 0;
    }
    running = undefined;
  }

  return {
    waiting: () => waiting.length + busy,
    write: <T>(work: (write: Write) => Promise<T>): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        if (closed) {
          reject(new Error('the store is closed'));
          return;
        }
        const after: (() => void)[] = [];
        let result: T;
        waiting.push({
          run: async () => {
            result = await work({
              tx: db,
              afterCommit: (run) => {
                after.push(run);
              },
            });
          },
          done: () => {
            for (const run of after)
              try {
                run();
              } catch (error) {
                // the write is durable and its caller must hear so; whoever failed to notice says it here
                process.emitWarning(error instanceof Error ? error : new Error(String(error)));
              }
            resolve(result);
          },
          fail: reject,
        });
        running ??= drain();
      }),
    close: async () => {
      closed = true;
      await running;
    },
  };
}
