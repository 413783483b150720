// The rows of recordings. Callers have checked who asks.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Store } from '../../kernel/store/index.js';
import type { FinishedRecording } from './media/conferences.js';
import { hasRole, type Meeting } from './model.js';
import type { RecordingsTable } from './schema.js';

export interface RecordingQuery {
  readonly limit: number;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly scheduledId?: string | undefined;
  readonly after?: { readonly startedMs: number; readonly id: string } | undefined;
}

export interface Recordings {
  put(recording: FinishedRecording, meeting: Meeting): Promise<void>;
  find(id: string): Promise<RecordingsTable | undefined>;
  /** Of one person, the newest first. */
  of(ownerId: string, query: RecordingQuery): Promise<readonly RecordingsTable[]>;
  /** Removes it with its file. */
  remove(row: RecordingsTable): Promise<void>;
}

/** Whose a recording is: the host's, else of the user who started it. */
const ownerOf = ({ hostUserId, participants, recording }: Meeting): string =>
  hostUserId ??
  participants.find((one) => hasRole(one, 'MODERATOR') && one.userId !== undefined)?.userId ??
  recording?.modifiedBy ??
  '';

export function createRecordings(store: Store): Recordings {
  const { db } = store;
  return {
    put: async ({ meetingId, file, startedMs, durationMs, byteLength, isEmpty }, meeting) => {
      const row: RecordingsTable = {
        id: randomUUID(),
        locus_id: meetingId,
        owner_id: ownerOf(meeting),
        scheduled_id: meeting.scheduledId ?? null,
        title: meeting.title,
        file,
        started_ms: startedMs,
        duration_ms: durationMs,
        byte_length: byteLength,
        is_empty: isEmpty ? 1 : 0,
      };
      await store.write(({ tx }) => tx.insertInto('recordings').values(row).execute());
    },
    find: (id) => db.selectFrom('recordings').selectAll().where('id', '=', id).executeTakeFirst(),
    of: (ownerId, { limit, fromMs, toMs, scheduledId, after }) => {
      let select = db.selectFrom('recordings').selectAll().where('owner_id', '=', ownerId);
      if (fromMs !== undefined) select = select.where('started_ms', '>=', fromMs);
      if (toMs !== undefined) select = select.where('started_ms', '<=', toMs);
      if (scheduledId !== undefined) select = select.where('scheduled_id', '=', scheduledId);
      if (after !== undefined)
        select = select.where((where) =>
          where.or([
            where('started_ms', '<', after.startedMs),
            where.and([where('started_ms', '=', after.startedMs), where('id', '<', after.id)]),
          ]),
        );
      return select.orderBy('started_ms', 'desc').orderBy('id', 'desc').limit(limit).execute();
    },
    remove: async ({ id, file }) => {
      await store.write(({ tx }) => tx.deleteFrom('recordings').where('id', '=', id).execute());
      await rm(file, { force: true });
    },
  };
}
