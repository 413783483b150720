import type { Kysely, Migration } from 'kysely';

/** The parts of a name, where a person gave them by themselves; null: taken from the name as it is shown. */
export const names: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    for (const column of ['given_name', 'family_name'])
      await db.schema.alterTable('users').addColumn(column, 'text').execute();
  },
};
