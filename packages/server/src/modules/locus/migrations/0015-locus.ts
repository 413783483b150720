import type { Kysely, Migration } from 'kysely';

export const locus: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    const { schema } = db;
    await schema
      .createTable('loci')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('scheduled_id', 'text')
      .addColumn('conversation_id', 'text')
      .addColumn('ended', 'integer', (column) => column.notNull())
      .addColumn('updated_ms', 'bigint', (column) => column.notNull())
      .addColumn('document', 'text', (column) => column.notNull())
      .execute();
    await schema.createIndex('loci_scheduled').on('loci').columns(['scheduled_id', 'ended']).execute();
    await schema.createIndex('loci_conversation').on('loci').columns(['conversation_id', 'ended']).execute();
    await schema.createIndex('loci_ended').on('loci').columns(['ended', 'updated_ms']).execute();
    await schema
      .createTable('locus_people')
      .addColumn('locus_id', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('locus_people_key', ['locus_id', 'user_id'])
      .execute();
    await schema
      .createTable('recordings')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('locus_id', 'text', (column) => column.notNull())
      .addColumn('owner_id', 'text', (column) => column.notNull())
      .addColumn('scheduled_id', 'text')
      .addColumn('title', 'text', (column) => column.notNull())
      .addColumn('file', 'text', (column) => column.notNull())
      .addColumn('started_ms', 'bigint', (column) => column.notNull())
      .addColumn('duration_ms', 'bigint', (column) => column.notNull())
      .addColumn('byte_length', 'bigint', (column) => column.notNull())
      .addColumn('is_empty', 'integer', (column) => column.notNull())
      .execute();
    await schema
      .createIndex('recordings_owner')
      .on('recordings')
      .columns(['owner_id', 'started_ms'])
      .execute();
    await schema.createIndex('locus_people_user').on('locus_people').column('user_id').execute();
  },
};
