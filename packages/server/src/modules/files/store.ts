import type { Store } from '../../kernel/store/index.js';
import type { FilesTable } from './schema.js';

export const findFile = (store: Store, id: string): Promise<FilesTable | undefined> =>
  store.db.selectFrom('files').selectAll().where('id', '=', id).executeTakeFirst();

/** How many this person began and did not finish. */
export async function openUploads(store: Store, userId: string): Promise<number> {
  const { count } = await store.db
    .selectFrom('files')
    .select((query) => query.fn.countAll<number>().as('count'))
    .where('creator_id', '=', userId)
    .where('state', '!=', 'finished')
    .executeTakeFirstOrThrow();
  return count;
}
export const insertFile = (store: Store, file: FilesTable): Promise<void> =>
  store.write(async ({ tx }) => {
    await tx.insertInto('files').values(file).execute();
  });

/** Nothing happens when it has no row: a file has one from the moment it belongs to a conversation. */
export async function removeFile(store: Store, id: string): Promise<void> {
  if ((await findFile(store, id)) === undefined) return;
  await store.write(async ({ tx }) => {
    await tx.deleteFrom('files').where('id', '=', id).execute();
  });
}

export const setFileState = (
  store: Store,
  id: string,
  change: Partial<Pick<FilesTable, 'state' | 'size'>>,
): Promise<void> =>
  store.write(async ({ tx }) => {
    await tx.updateTable('files').set(change).where('id', '=', id).execute();
  });
