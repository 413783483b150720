import type { Kysely, Migration } from 'kysely';

export const lyra: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    const { schema } = db;
    await schema
      .createTable('room_devices')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('org_id', 'text', (column) => column.notNull())
      .addColumn('display_name', 'text', (column) => column.notNull())
      .addColumn('product_name', 'text', (column) => column.notNull())
      .addColumn('pin', 'text', (column) => column.notNull())
      .addColumn('pin_expires_ms', 'bigint')
      .addColumn('ultrasound_token', 'text', (column) => column.notNull().unique())
      .addColumn('volume', 'integer', (column) => column.notNull())
      .addColumn('muted', 'integer', (column) => column.notNull())
      .addColumn('created_ms', 'bigint', (column) => column.notNull())
      .execute();
    await schema
      .createTable('lyra_occupants')
      .addColumn('device_id', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('wdm_id', 'text', (column) => column.notNull())
      .addColumn('verified', 'integer', (column) => column.notNull())
      .addColumn('expires_ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('lyra_occupants_key', ['device_id', 'user_id', 'wdm_id'])
      .execute();
    await schema.createIndex('lyra_occupants_wdm').on('lyra_occupants').column('wdm_id').execute();
    await schema
      .createTable('lyra_attempts')
      .addColumn('device_id', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('failures', 'integer', (column) => column.notNull())
      .addColumn('last_ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('lyra_attempts_key', ['device_id', 'user_id'])
      .execute();
    await schema
      .createTable('lyra_bindings')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('device_id', 'text', (column) => column.notNull())
      .addColumn('conversation_id', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('created_ms', 'bigint', (column) => column.notNull())
      .addUniqueConstraint('lyra_bindings_pair', ['device_id', 'conversation_id'])
      .execute();
    await schema
      .createTable('lyra_auxiliary')
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('device_id', 'text', (column) => column.notNull())
      .addColumn('name', 'text')
      .addColumn('key_url', 'text')
      .addColumn('modified_ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('lyra_auxiliary_key', ['user_id', 'device_id'])
      .execute();
  },
};
