import type { Kysely } from 'kysely';
import type { Database } from './schema.js';
import type { Store, Write, WriteOptions } from './store.js';

interface Entry {
  readonly repeatable: boolean;
  run(): Promise<void>;
  /** after COMMIT */
  done(): void;
  fail(error: unknown): void;
}

/** How the queue knows more of its connection, and who watches it. */
export interface WriteQueueOptions {
  /** False when the database ended the transaction by itself, as it may when the disk is full. */
  readonly inTransaction?: () => boolean;
  /** Goes up with each statement that may change something. Default: a write that throws may have changed something. */
  readonly changes?: () => number;
  /** After anything was rolled back, before another write begins. */
  readonly undone?: () => void;
  /** After each COMMIT: how many writes it held, and how long they took, in seconds. */
  readonly committed?: (writes: number, seconds: number) => void;
}

/** a batch never grows past this, so that no one waits for a stranger's thousand rows */
const maxBatch = 256;

/** In their order, those that may share a savepoint together. */
function neighbours(batch: readonly Entry[]): readonly (readonly Entry[])[] {
  const groups: Entry[][] = [];
  for (const entry of batch) {
    const last = groups.at(-1);
    if (last?.[0]?.repeatable === entry.repeatable) last.push(entry);
    else groups.push([entry]);
  }
  return groups;
}

/**
 * One queue for all writes of a store: what waits together is committed together.
 *
 * @param db   of the writing connection, which no one else uses
 * @param exec runs `begin`, `savepoint`, `commit` … on that connection
 */
export function createWriteQueue(
  db: Kysely<Database>,
  exec: (text: string) => void,
  { inTransaction = () => true, changes = () => NaN, undone, committed }: WriteQueueOptions = {},
): Pick<Store, 'write' | 'waiting'> & { close(): Promise<void> } {
  let waiting: Entry[] = [];
  let busy = 0;
  let running: Promise<void> | undefined;
  let closed = false;

  function undo(): void {
    exec('rollback to w');
    exec('release w');
    undone?.();
  }

  /** One write behind a savepoint of its own. False when it failed and undid itself alone. */
  async function stored(entry: Entry): Promise<boolean> {
    try {
      exec('savepoint w');
      await entry.run();
      exec('release w');
      return true;
    } catch (error) {
      // outside of a transaction a savepoint commits by itself: nothing more may run before the next `begin`
      if (!inTransaction()) throw error;
      undo();
      entry.fail(error);
      return false;
    }
  }

  /**
   * Repeatable writes behind one savepoint. Returns which of them are stored: all but those that threw before they
   * changed anything. When one threw later, all are undone, and done again one by one.
   */
  async function storedTogether(entries: readonly Entry[]): Promise<readonly Entry[]> {
    const good: Entry[] = [];
    const failed: (() => void)[] = [];
    exec('savepoint w');
    for (const entry of entries) {
      const before = changes();
      try {
        await entry.run();
        good.push(entry);
      } catch (error) {
        if (!inTransaction()) throw error;
        if (changes() !== before) {
          undo();
          return storedAlone(entries);
        }
        failed.push(() => {
          entry.fail(error);
        });
      }
    }
    exec('release w');
    for (const fail of failed) fail();
    return good;
  }
  async function storedAlone(entries: readonly Entry[]): Promise<readonly Entry[]> {
    const good: Entry[] = [];
    for (const entry of entries) if (await stored(entry)) good.push(entry);
    return good;
  }

  async function runBatch(batch: readonly Entry[]): Promise<void> {
    const start = performance.now();
    const open = new Set(batch);
    try {
      exec('begin immediate');
      for (const entries of neighbours(batch)) {
        const together = entries.length > 1 && entries[0]?.repeatable === true;
        const good = new Set(await (together ? storedTogether(entries) : storedAlone(entries)));
        for (const entry of entries) if (!good.has(entry)) open.delete(entry);
      }
      exec('commit');
    } catch (error) {
      try {
        exec('rollback');
      } catch {
        // it is over already
      }
      undone?.();
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
    write: <T>(work: (write: Write) => Promise<T>, { repeatable = false }: WriteOptions = {}): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        if (closed) {
          reject(new Error('the store is closed'));
          return;
        }
        const after: (() => void)[] = [];
        let result: T;
        waiting.push({
          repeatable,
          run: async () => {
            after.length = 0;
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
                // the write is durable and its caller is informed; a hook that failed to run is logged here
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
