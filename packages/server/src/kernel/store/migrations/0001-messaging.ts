import { type Kysely, type Migration, sql } from 'kysely';

// integer and blob mean the same to SQLite and (with the dialect's own names) to PostgreSQL
export const messaging: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    const schema = db.schema;
    await schema
      .createTable('meta')
      .addColumn('key', 'text', (column) => column.primaryKey())
      .addColumn('value', 'text', (column) => column.notNull())
      .execute();
    await schema
      .createTable('users')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('org_id', 'text', (column) => column.notNull())
      .addColumn('email', 'text', (column) => column.notNull().unique())
      .addColumn('display_name', 'text', (column) => column.notNull())
      .addColumn('password_hash', 'text')
      .addColumn('roles', 'text', (column) => column.notNull())
      .addColumn('extension', 'text', (column) => column.notNull())
      .addColumn('created_ms', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .createTable('clients')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('secret_hash', 'text')
      .addColumn('redirect_uris', 'text', (column) => column.notNull())
      .addColumn('scopes', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('created_ms', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .createTable('tokens')
      .addColumn('hash', 'text', (column) => column.primaryKey())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('client_id', 'text')
      .addColumn('scope', 'text', (column) => column.notNull())
      .addColumn('grant_id', 'text', (column) => column.notNull())
      .addColumn('expires_ms', 'bigint', (column) => column.notNull())
      .addColumn('created_ms', 'bigint', (column) => column.notNull())
      .execute();
    await schema.createIndex('tokens_user').on('tokens').column('user_id').execute();
    await schema.createIndex('tokens_grant').on('tokens').column('grant_id').execute();
    await schema
      .createTable('devices')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('created_ms', 'bigint', (column) => column.notNull())
      .addColumn('modified_ms', 'bigint', (column) => column.notNull())
      .addColumn('ttl_s', 'integer')
      .addColumn('acked_pos', 'bigint', (column) => column.notNull())
      .addColumn('lost', 'integer', (column) => column.notNull())
      .execute();
    await schema.createIndex('devices_user').on('devices').column('user_id').execute();
    await schema
      .createTable('conversations')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('org_id', 'text', (column) => column.notNull())
      .addColumn('creator_id', 'text', (column) => column.notNull())
      .addColumn('created_ms', 'bigint', (column) => column.notNull())
      .addColumn('direct_key', 'text', (column) => column.unique())
      .addColumn('title', 'text')
      .addColumn('key_url', 'text')
      .addColumn('kro_url', 'text')
      .addColumn('tags', 'text', (column) => column.notNull())
      .addColumn('extra', 'text', (column) => column.notNull())
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addColumn('last_activity_ms', 'bigint', (column) => column.notNull())
      .addColumn('last_readable_ms', 'bigint', (column) => column.notNull())
      .execute();
    // a resource belongs to one conversation, whose members it follows
    await schema.createIndex('conversations_kro').unique().on('conversations').column('kro_url').execute();
    await schema
      .createTable('participants')
      .addColumn('conversation_id', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('joined_pos', 'bigint', (column) => column.notNull())
      .addColumn('left_pos', 'bigint')
      .addColumn('joined_ms', 'bigint', (column) => column.notNull())
      .addColumn('is_moderator', 'integer', (column) => column.notNull())
      .addColumn('tags', 'text', (column) => column.notNull())
      .addColumn('last_seen_activity_id', 'text')
      .addColumn('last_seen_ms', 'bigint')
      .addPrimaryKeyConstraint('participants_key', ['conversation_id', 'user_id', 'joined_pos'])
      .execute();
    await schema
      .createIndex('participants_user')
      .on('participants')
      .columns(['user_id', 'left_pos', 'conversation_id'])
      .execute();
    await schema
      .createTable('activities')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('conversation_id', 'text', (column) => column.notNull())
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addColumn('verb', 'text', (column) => column.notNull())
      .addColumn('actor_id', 'text', (column) => column.notNull())
      .addColumn('published_ms', 'bigint', (column) => column.notNull())
      .addColumn('parent_id', 'text')
      .addColumn('parent_type', 'text')
      .addColumn('client_temp_id', 'text')
      .addColumn('key_url', 'text')
      .addColumn('object', 'text', (column) => column.notNull())
      .addColumn('deleted_ms', 'bigint')
      .addUniqueConstraint('activities_order', ['conversation_id', 'seq'])
      .execute();
    await schema
      .createIndex('activities_published')
      .on('activities')
      .columns(['conversation_id', 'published_ms'])
      .execute();
    await schema.createIndex('activities_parent').on('activities').column('parent_id').execute();
    // what makes a repeated POST store once
    await sql`create unique index activities_once on activities (conversation_id, actor_id, client_temp_id)
              where client_temp_id is not null`.execute(db);
    await schema
      .createTable('events')
      .addColumn('pos', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('conversation_id', 'text')
      .addColumn('user_id', 'text')
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('payload', 'text', (column) => column.notNull())
      .addColumn('created_ms', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .createIndex('events_conversation')
      .on('events')
      .columns(['conversation_id', 'pos'])
      .execute();
    await schema.createIndex('events_user').on('events').columns(['user_id', 'pos']).execute();
    await schema.createIndex('events_created').on('events').column('created_ms').execute();
    await schema
      .createTable('kms_keys')
      .addColumn('uri', 'text', (column) => column.primaryKey())
      .addColumn('wrapped', 'blob', (column) => column.notNull())
      .addColumn('creator_id', 'text', (column) => column.notNull())
      .addColumn('resource_uri', 'text')
      .addColumn('created_ms', 'bigint', (column) => column.notNull())
      .addColumn('bound_ms', 'bigint')
      .execute();
    await schema
      .createTable('kms_resources')
      .addColumn('uri', 'text', (column) => column.primaryKey())
      .addColumn('created_ms', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .createTable('kms_authorizations')
      .addColumn('resource_uri', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('kms_authorizations_key', ['resource_uri', 'user_id'])
      .execute();
    await schema
      .createTable('kms_sessions')
      .addColumn('uri', 'text', (column) => column.primaryKey())
      .addColumn('wrapped', 'blob', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('client_id', 'text', (column) => column.notNull())
      .addColumn('expires_ms', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .createTable('files')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('conversation_id', 'text', (column) => column.notNull())
      .addColumn('creator_id', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('size', 'bigint', (column) => column.notNull())
      .addColumn('created_ms', 'bigint', (column) => column.notNull())
      .execute();
  },
};
