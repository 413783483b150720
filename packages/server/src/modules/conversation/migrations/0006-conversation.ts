import { type Kysely, type Migration, sql } from 'kysely';

/** What is said in an activity's object and is looked up by: whom it mentions, which of our files it shows, its reaction. */
interface Found {
  readonly mentions: readonly string[];
  readonly files: readonly string[];
  readonly hmac: string | undefined;
}
interface Row {
  readonly id: string;
  readonly conversation_id: string;
  readonly actor_id: string;
  readonly published_ms: number;
  readonly parent_id: string | null;
  readonly parent_type: string | null;
  readonly object: string;
}

const ownFile = /\/files\/v1\/files\/([0-9a-f-]{36})$/;
const fileIn = (url: unknown): readonly string[] => {
  const id = typeof url === 'string' ? ownFile.exec(url)?.[1] : undefined;
  return id === undefined ? [] : [id];
};

function found(text: string, conversationId: string): Found {
  const object = JSON.parse(text) as {
    readonly mentions?: { readonly items: readonly { readonly id: string }[] };
    readonly groupMentions?: { readonly items: readonly { readonly groupType: string }[] };
    readonly files?: {
      readonly items: readonly { readonly url?: string; readonly image?: { readonly url?: string } }[];
    };
    readonly hmac?: string;
  };
  const everybody = object.groupMentions?.items.some(({ groupType }) => groupType === 'all') === true;
  return {
    mentions: [
      ...new Set([
        ...(object.mentions?.items ?? []).map(({ id }) => id),
        ...(everybody ? [conversationId] : []),
      ]),
    ],
    files: [
      ...new Set(
        (object.files?.items ?? []).flatMap(({ url, image }) => [...fileIn(url), ...fileIn(image?.url)]),
      ),
    ],
    hmac: object.hmac,
  };
}

/** Fills the new tables from what was written before there were any. */
async function fill(db: Kysely<never>): Promise<void> {
  for (let after = ''; ;) {
    const { rows } =
      await sql<Row>`select id, conversation_id, actor_id, published_ms, parent_id, parent_type, object
      from activities where id > ${after} and deleted_ms is null
      and verb in ('post', 'share', 'add') order by id limit 500`.execute(db);
    for (const row of rows) {
      const { mentions, files, hmac } = found(row.object, row.conversation_id);
      // of a message that was edited, its newest words say whom it means
      const activityId = row.parent_type === 'edit' ? (row.parent_id ?? row.id) : row.id;
      for (const userId of mentions)
        await sql`insert into mentions (user_id, activity_id, conversation_id, published_ms)
          values (${userId}, ${activityId}, ${row.conversation_id}, (select published_ms from activities where id = ${activityId}))
          on conflict do nothing`.execute(db);
      for (const fileId of files)
        await sql`insert into activity_files (activity_id, file_id) values (${row.id}, ${fileId})
          on conflict do nothing`.execute(db);
      if (row.parent_type === 'reaction')
        await sql`insert into reactions (activity_id, parent_id, actor_id, hmac)
          values (${row.id}, ${row.parent_id}, ${row.actor_id}, ${hmac ?? row.id}) on conflict do nothing`.execute(
          db,
        );
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

/** Keys that a user took away with them, and what lists, summaries and sweeps look up by. */
export const conversation: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    const schema = db.schema;
    await schema
      .alterTable('conversations')
      .addColumn('key_retired', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
    await schema.alterTable('kms_keys').addColumn('retired_ms', 'bigint').execute();
    await schema.createIndex('kms_keys_resource').on('kms_keys').column('resource_uri').execute();
    await schema
      .createTable('mentions')
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('activity_id', 'text', (column) => column.notNull())
      .addColumn('conversation_id', 'text', (column) => column.notNull())
      .addColumn('published_ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('mentions_key', ['activity_id', 'user_id'])
      .execute();
    await schema.createIndex('mentions_user').on('mentions').columns(['user_id', 'published_ms']).execute();
    await schema
      .createTable('reactions')
      .addColumn('activity_id', 'text', (column) => column.primaryKey())
      .addColumn('parent_id', 'text', (column) => column.notNull())
      .addColumn('actor_id', 'text', (column) => column.notNull())
      .addColumn('hmac', 'text', (column) => column.notNull())
      .addUniqueConstraint('reactions_once', ['parent_id', 'hmac', 'actor_id'])
      .execute();
    await schema
      .createTable('activity_files')
      .addColumn('activity_id', 'text', (column) => column.notNull())
      .addColumn('file_id', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('activity_files_key', ['activity_id', 'file_id'])
      .execute();
    await schema.createIndex('activity_files_file').on('activity_files').column('file_id').execute();
    await sql`create index files_open on files (creator_id) where state <> 'finished'`.execute(db);
    await schema.createIndex('files_created').on('files').column('created_ms').execute();
    await schema
      .createIndex('activities_actor')
      .on('activities')
      .columns(['actor_id', 'published_ms'])
      .execute();
    // those who are in, in the order they came
    await sql`create index participants_now on participants (conversation_id, joined_pos, user_id)
              where left_pos is null`.execute(db);
    await fill(db);
  },
};
