import type { Blobs } from '../../kernel/blobs.js';
import type { Store, Write } from '../../kernel/store/index.js';
import type { FileReferences } from './api.js';

/** The id of one of our files, by its address with or without host. */
export const idOfUrl = (url: string): string | undefined =>
  /\/files\/v1\/files\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:[/?]|$)/.exec(url)?.[1];

/** Files that no one showed, or never finished, are kept this long. */
const unusedMs = 86_400_000;
const sweptAtOnce = 500;

/** Which activity shows which file: what none shows any more is removed, from the table in the write, from the disk after it. */
export function createReferences(store: Store, blobs: Blobs, failed: (error: unknown) => void) {
  /** After COMMIT: a blob without a row is only lost room, a row without a blob would be a broken promise. */
  const removeBlobs = (ids: readonly string[]): void => {
    for (const id of ids) blobs.remove(id).catch(failed);
  };

  async function unshown(write: Write, ids: readonly string[]): Promise<readonly string[]> {
    const rows = await write.tx
      .selectFrom('activity_files')
      .select('file_id')
      .distinct()
      .where('file_id', 'in', [...ids])
      .execute();
    const shown = new Set(rows.map((row) => row.file_id));
    return ids.filter((id) => !shown.has(id));
  }

  const port: FileReferences = {
    isOurs: (url) => idOfUrl(url) !== undefined,
    sizeOf: async ({ tx }, url, conversationId) => {
      const id = idOfUrl(url);
      if (id === undefined) return undefined;
      const row = await tx
        .selectFrom('files')
        .select('size')
        .where('id', '=', id)
        .where('conversation_id', '=', conversationId)
        .where('state', '=', 'finished')
        .executeTakeFirst();
      return row?.size;
    },
    show: async ({ tx }, conversationId, activityId, urls) => {
      const ids = [...new Set(urls.flatMap((url) => idOfUrl(url) ?? []))];
      if (ids.length === 0) return;
      const own = await tx
        .selectFrom('files')
        .select('id')
        .where('id', 'in', ids)
        .where('conversation_id', '=', conversationId)
        .execute();
      if (own.length === 0) return;
      await tx
        .insertInto('activity_files')
        .values(own.map(({ id }) => ({ activity_id: activityId, file_id: id })))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    drop: async (write, conversationId, activityIds) => {
      const { tx } = write;
      const rows = await tx
        .selectFrom('activity_files')
        .select('file_id')
        .distinct()
        .where('activity_id', 'in', [...activityIds])
        .execute();
      if (rows.length === 0) return;
      await tx
        .deleteFrom('activity_files')
        .where('activity_id', 'in', [...activityIds])
        .execute();
      const free = await unshown(
        write,
        rows.map((row) => row.file_id),
      );
      if (free.length === 0) return;
      // another conversation's file is not this one's to remove, even if it is named here
      const own = await tx
        .selectFrom('files')
        .select('id')
        .where('id', 'in', [...free])
        .where('conversation_id', '=', conversationId)
        .execute();
      const ids = own.map((row) => row.id);
      if (ids.length === 0) return;
      await tx.deleteFrom('files').where('id', 'in', ids).execute();
      write.afterCommit(() => {
        removeBlobs(ids);
      });
    },
    dropAll: async (write, conversationId) => {
      const { tx } = write;
      const rows = await tx
        .selectFrom('files')
        .select('id')
        .where('conversation_id', '=', conversationId)
        .execute();
      if (rows.length === 0) return;
      const ofConversation = tx
        .selectFrom('files')
        .select('id')
        .where('conversation_id', '=', conversationId);
      await tx.deleteFrom('activity_files').where('file_id', 'in', ofConversation).execute();
      await tx.deleteFrom('files').where('conversation_id', '=', conversationId).execute();
      write.afterCommit(() => {
        removeBlobs(rows.map(({ id }) => id));
      });
    },
  };

  return {
    port,
    /** Uploads that led to nothing: begun or finished long ago, and shown nowhere. */
    async sweep(nowMs: number): Promise<void> {
      for (;;) {
        const old = await store.db
          .selectFrom('files')
          .select('id')
          .where('created_ms', '<', nowMs - unusedMs)
          .where((where) =>
            where.not(
              where.exists(
                where
                  .selectFrom('activity_files')
                  .select('file_id')
                  .whereRef('activity_files.file_id', '=', 'files.id'),
              ),
            ),
          )
          .limit(sweptAtOnce)
          .execute();
        if (old.length === 0) return;
        await store.write(async (write) => {
          const ids = await unshown(
            write,
            old.map((row) => row.id),
          );
          if (ids.length === 0) return;
          await write.tx
            .deleteFrom('files')
            .where('id', 'in', [...ids])
            .execute();
          write.afterCommit(() => {
            removeBlobs(ids);
          });
        });
        if (old.length < sweptAtOnce) return;
      }
    },
  };
}
