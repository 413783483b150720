import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { type Blobs, BlobTooLarge } from '../../kernel/blobs.js';
import { removalTime } from '../../kernel/clock.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { ClientLogsTable } from './schema.js';

/** bytes of one log */
export const logBytes = 10 * 1024 * 1024;
/** logs of one person: the oldest makes room */
export const logsPerUser = 20;
/** bytes of all logs: the oldest make room */
const allBytes = 1024 * 1024 * 1024;
/** ms that a log is kept */
const retentionMs = 30 * 86_400_000;
/** ms in which an upload must be finished */
export const uploadMs = 3_600_000;

export interface Pair {
  readonly key: string;
  readonly value: string;
}

/** Logs that clients send: rows in the store, texts in files of their own. */
export class Logs {
  /** logs whose text is coming in */
  readonly #taking = new Set<string>();

  constructor(
    private readonly kernel: Kernel,
    private readonly blobs: Blobs,
    private readonly most: { readonly perUser: number; readonly allBytes: number } = {
      perUser: logsPerUser,
      allBytes,
    },
  ) {}

  async open(userId: string, filename: string): Promise<string> {
    const id = randomUUID();
    const gone = await this.kernel.store.write(async ({ tx }) => {
      const rows = await tx
        .selectFrom('client_logs')
        .select('id')
        .where('user_id', '=', userId)
        .orderBy('created_ms', 'desc')
        .orderBy('id')
        .offset(this.most.perUser - 1)
        .limit(100)
        .execute();
      const ids = rows.map((row) => row.id);
      if (ids.length > 0) await tx.deleteFrom('client_logs').where('id', 'in', ids).execute();
      await tx
        .insertInto('client_logs')
        .values({
          id,
          user_id: userId,
          filename,
          state: 'open',
          size: 0,
          meta: '[]',
          created_ms: this.kernel.now(),
        })
        .execute();
      return ids;
    });
    for (const old of gone) await this.blobs.remove(old);
    return id;
  }

  find(id: string): Promise<ClientLogsTable | undefined> {
    return this.kernel.store.db.selectFrom('client_logs').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** Keeps the text, or nothing: when it is too large, when the log was removed meanwhile, or is taken already. */
  async take(id: string, source: Readable): Promise<'kept' | 'too-large' | 'gone'> {
    if (this.#taking.has(id)) return 'gone';
    this.#taking.add(id);
    try {
      const size = await this.blobs.write(id, source, logBytes);
      if (!(await this.#set(id, { state: 'stored', size }, 'open'))) {
        // no row leads to it any more: no one else would ever remove it
        await this.blobs.remove(id);
        return 'gone';
      }
    } catch (error) {
      if (error instanceof BlobTooLarge) return 'too-large';
      throw error;
    } finally {
      this.#taking.delete(id);
    }
    await this.#makeRoom();
    return 'kept';
  }

  async finish(id: string, meta: readonly Pair[]): Promise<void> {
    await this.#set(id, { state: 'finished', meta: JSON.stringify(meta) });
  }

  async remove(id: string): Promise<void> {
    await this.kernel.store.write(({ tx }) => tx.deleteFrom('client_logs').where('id', '=', id).execute());
    await this.blobs.remove(id);
  }

  /** Newest first. */
  list(max: number, before: number): Promise<readonly ClientLogsTable[]> {
    return this.kernel.store.db
      .selectFrom('client_logs')
      .selectAll()
      .where('state', '=', 'finished')
      .where('created_ms', '<', before)
      .orderBy('created_ms', 'desc')
      .orderBy('id')
      .limit(max)
      .execute();
  }

  async read(id: string): Promise<Readable | undefined> {
    return (await this.blobs.read(id))?.stream;
  }

  async sweep(): Promise<void> {
    const nowMs = removalTime(this.kernel);
    const rows = await this.kernel.store.db
      .selectFrom('client_logs')
      .select('id')
      .where((where) =>
        where.or([
          where('created_ms', '<', nowMs - retentionMs),
          where.and([where('state', '!=', 'finished'), where('created_ms', '<', nowMs - uploadMs)]),
        ]),
      )
      .limit(1_000)
      .execute();
    for (const { id } of rows) await this.remove(id);
  }

  async #makeRoom(): Promise<void> {
    const { db } = this.kernel.store;
    const { total } = await db
      .selectFrom('client_logs')
      .select((query) => query.fn.sum<number | null>('size').as('total'))
      .executeTakeFirstOrThrow();
    let over = (total ?? 0) - this.most.allBytes;
    while (over > 0) {
      const oldest = await db
        .selectFrom('client_logs')
        .select(['id', 'size'])
        .where('size', '>', 0)
        .orderBy('created_ms')
        .limit(1)
        .executeTakeFirst();
      if (oldest === undefined) return;
      await this.remove(oldest.id);
      over -= oldest.size;
    }
  }

  /** Returns whether there was such a log, in that state. */
  async #set(
    id: string,
    change: Partial<ClientLogsTable>,
    state?: ClientLogsTable['state'],
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.kernel.store.write(({ tx }) => {
      const update = tx.updateTable('client_logs').set(change).where('id', '=', id);
      return (state === undefined ? update : update.where('state', '=', state)).executeTakeFirst();
    });
    return Number(numUpdatedRows) > 0;
  }
}
