import type { FastifyRequest } from 'fastify';
import { createReadStream } from 'node:fs';
import { createCursors, pageSize } from '../../../kernel/http/cursor.js';
import { ApiError, notFound } from '../../../kernel/http/errors.js';
import { compactId, dateField, iso, restBase, uuidInPath } from '../../../kernel/http/fields.js';
import { param, text } from '../../../kernel/http/untrusted.js';
import type { Kernel } from '../../../kernel/kernel.js';
import type { Routes } from '../../../kernel/module.js';
import type { Identity } from '../../identity/api.js';
import type { Recordings } from '../recordings.js';
import type { RecordingsTable } from '../schema.js';

export interface RecordingParts {
  readonly kernel: Kernel;
  readonly identity: Pick<Identity, 'caller'>;
  readonly recordings: Recordings;
}

/** ms that a download link is good for */
const linkMs = 3 * 3_600_000;

/** Recordings of the meetings that a person hosted. */
export function recordingRoutes({ kernel, identity, recordings }: RecordingParts): Routes {
  const base = `${restBase}/recordings`;
  const signer = kernel.vault.signer('recording');
  const cursors = createCursors(kernel.vault.signer('cursors'));

  const show = (request: FastifyRequest, row: RecordingsTable): object => {
    const until = String(kernel.now() + linkMs);
    const link = `${kernel.urls(request).base}${base}/${compactId(row.id)}/file/${until}/${signer.sign(`${row.id}/${until}`)}`;
    return {
      id: compactId(row.id),
      ...(row.scheduled_id !== null && { meetingId: compactId(row.scheduled_id) }),
      topic: row.title,
      createTime: iso(row.started_ms + row.duration_ms),
      timeRecorded: iso(row.started_ms),
      format: 'WEBM',
      durationSeconds: Math.round(row.duration_ms / 1000),
      sizeBytes: row.byte_length,
      isEmpty: row.is_empty === 1,
      status: 'available',
      downloadUrl: link,
      playbackUrl: link,
      temporaryDirectDownloadLinks: {
        recordingDownloadLink: link,
        expiration: iso(Number(until)),
      },
    };
  };
  async function own(request: FastifyRequest): Promise<RecordingsTable> {
    const { user } = await identity.caller(request, 'spark:all');
    const row = await recordings.find(uuidInPath(param(request.params, 'id')));
    if (row?.owner_id !== user.id) throw notFound();
    return row;
  }

  return (app) => {
    app.get(base, async (request, reply) => {
      const { user } = await identity.caller(request, 'spark:all');
      const limit = pageSize(request, 10, 100);
      const cursor = cursors.read(request, user.id);
      const meetingId = param(request.query, 'meetingId');
      const rows = await recordings.of(user.id, {
        limit: limit + 1,
        fromMs: dateField('from', param(request.query, 'from')),
        toMs: dateField('to', param(request.query, 'to')),
        scheduledId: meetingId === undefined ? undefined : uuidInPath(meetingId),
        ...(cursor && { after: { startedMs: Number(cursor['startedMs']), id: text(cursor['id']) ?? '' } }),
      });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      if (rows.length > limit && last !== undefined)
        cursors.next(request, reply, kernel.urls(request), user.id, {
          startedMs: last.started_ms,
          id: last.id,
        });
      return { items: page.map((row) => show(request, row)) };
    });
    app.get(`${base}/:id`, async (request) => show(request, await own(request)));
    app.delete(`${base}/:id`, async (request, reply) => {
      await recordings.remove(await own(request));
      return reply.code(204).send();
    });
    app.get(`${base}/:id/file/:until/:signature`, async (request, reply) => {
      const id = uuidInPath(param(request.params, 'id'));
      const until = param(request.params, 'until') ?? '';
      const isGood = signer.verify(`${id}/${until}`, param(request.params, 'signature') ?? '');
      const row = isGood ? await recordings.find(id) : undefined;
      if (row === undefined) throw notFound();
      if (!(Number(until) > kernel.now())) throw new ApiError(410, 'This link has expired. Ask for another.');
      return reply
        .type('video/webm')
        .header('content-length', String(row.byte_length))
        .header('content-disposition', 'attachment; filename="recording.webm"')
        .send(createReadStream(row.file));
    });
  };
}
