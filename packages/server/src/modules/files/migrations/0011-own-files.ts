import { type Kysely, type Migration, sql } from 'kysely';

/** Until now a message could name, and so keep on disk, a file of another conversation. */
export const ownFiles: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    await sql`delete from activity_files where not exists (
      select 1 from files join activities on activities.conversation_id = files.conversation_id
      where files.id = activity_files.file_id and activities.id = activity_files.activity_id)`.execute(db);
  },
};
