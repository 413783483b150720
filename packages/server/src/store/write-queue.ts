import type { Kysely } from 'kysely';
import type { Database } from './schema.js';
import type { Store, Write } from './store.js';

interface Entry {
  run(): Promise<void>;
  /** after COMMIT */
  done(): void;
  fail(error: unknown): void;
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
): { write: Store['write']; close(): Promise<void> } {
  let waiting: Entry[] = [];
  let running: Promise<void> | undefined;
  let closed = false;

  async function runBatch(batch: readonly Entry[]): Promise<void> {
    const stored: Entry[] = [];
    try {
      exec('begin immediate');
    } catch (error) {
      for (const entry of batch) entry.fail(error);
      return;
    }
    for (const entry of batch) {
      try {
        exec('savepoint w');
        await entry.run();
        exec('release w');
        stored.push(entry);
      } catch (error) {
        try {
          exec('rollback to w');
          exec('release w');
        } catch {
          // a full disk ends the whole transaction; COMMIT will say so to the others
        }
        entry.fail(error);
      }
    }
    try {
      exec('commit');
    } catch (error) {
      try {
        exec('rollback');
      } catch {
        // it is over already
      }
      for (const entry of stored) entry.fail(error);
      return;
    }
    for (const entry of stored) entry.done();
  }

  async function drain(): Promise<void> {
    // one turn of the event loop: requests that arrived together are in the same batch
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxBatch);
      waiting = waiting.slice(maxBatch);
      await runBatch(batch);
    }
    running = undefined;
  }

  return {
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
