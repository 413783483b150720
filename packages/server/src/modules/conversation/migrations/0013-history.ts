import { type Kysely, type Migration, sql } from 'kysely';

/**
 * Lists of activities cost what their answer is long, however long the history is: each list has an index in its own
 * order that holds only what it shows, and threads and parents have tables of their own.
 *
 * An index with a `where` is used by queries that contain the same conditions word for word, as literals.
 */
export const history: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    const { schema } = db;
    // messages as readers see them; and what is left without the inputs of cards
    await sql`create index activities_messages on activities (conversation_id, published_ms)
      where deleted_ms is null and verb in ('post', 'share') and (parent_type is null or parent_type = 'reply')`.execute(
      db,
    );
    await sql`create index activities_threaded on activities (conversation_id, published_ms)
      where verb <> 'cardAction'`.execute(db);
    // children of an activity by kind; replies and reactions that are still there
    await sql`drop index activities_parent`.execute(db);
    await sql`create index activities_children on activities (parent_id, parent_type, published_ms)
      where parent_id is not null`.execute(db);
    await sql`create index activities_replies on activities (parent_id, parent_type, published_ms)
      where parent_type = 'reply' and deleted_ms is null`.execute(db);
    await sql`create index activities_reactions on activities (parent_id, parent_type, published_ms)
      where parent_type = 'reaction' and deleted_ms is null and verb <> 'delete'`.execute(db);

    await schema
      .createTable('parents')
      .addColumn('parent_id', 'text', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('conversation_id', 'text', (column) => column.notNull())
      .addColumn('newest_ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('parents_key', ['parent_id', 'type'])
      .execute();
    await schema
      .createIndex('parents_newest')
      .on('parents')
      .columns(['conversation_id', 'type', 'newest_ms', 'parent_id'])
      .execute();
    await sql`insert into parents (parent_id, type, conversation_id, newest_ms)
      select parent_id, parent_type, min(conversation_id), max(published_ms) from activities
      where parent_id is not null group by parent_id, parent_type`.execute(db);

    await schema
      .createTable('thread_people')
      .addColumn('root_id', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('conversation_id', 'text', (column) => column.notNull())
      .addColumn('newest_ms', 'bigint', (column) => column.notNull())
      .addColumn('messages', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('thread_people_key', ['root_id', 'user_id'])
      .execute();
    await sql`insert into thread_people (root_id, user_id, conversation_id, newest_ms, messages)
      select root_id, user_id, min(conversation_id), 0, count(*) from (
        select parent_id as root_id, actor_id as user_id, conversation_id from activities
        where parent_type = 'reply' and deleted_ms is null
        union all
        select roots.id, roots.actor_id, roots.conversation_id from activities as roots
        where roots.parent_type is null and roots.deleted_ms is null and roots.verb in ('post', 'share')
        and exists (select 1 from activities as replies where replies.parent_id = roots.id
          and replies.parent_type = 'reply' and replies.deleted_ms is null)
      ) as written group by root_id, user_id`.execute(db);
    await sql`update thread_people set newest_ms = (select max(published_ms) from activities
      where parent_id = root_id and parent_type = 'reply' and deleted_ms is null)`.execute(db);
    await schema
      .createIndex('thread_people_newest')
      .on('thread_people')
      .columns(['user_id', 'conversation_id', 'newest_ms', 'root_id'])
      .execute();
    // only threads were found by it
    await sql`drop index activities_actor`.execute(db);

    await sql`alter table mentions add column actor_id text not null default ''`.execute(db);
    await schema.alterTable('mentions').addColumn('parent_id', 'text').execute();
    await sql`update mentions set actor_id = coalesce((select actor_id from activities where id = activity_id), ''),
      parent_id = (select parent_id from activities where id = activity_id and parent_type = 'reply')`.execute(
      db,
    );
    await sql`drop index mentions_user`.execute(db);
    await schema
      .createIndex('mentions_newest')
      .on('mentions')
      .columns(['user_id', 'conversation_id', 'published_ms', 'actor_id', 'activity_id'])
      .execute();
    await sql`create index mentions_thread on mentions (user_id, parent_id, published_ms, activity_id)
      where parent_id is not null`.execute(db);
  },
};
