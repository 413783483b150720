import type { FastifyRequest } from 'fastify';
import { pageSize, type Cursors } from '../../kernel/http/cursor.js';
import { badRequest, forbidden, notFound } from '../../kernel/http/errors.js';
import { compactId, dateField, iso, personId, restBase, uuidInPath } from '../../kernel/http/fields.js';
import { anyType, asText, defineBody, operation, textType } from '../../kernel/http/operation.js';
import { param, text } from '../../kernel/http/untrusted.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import { isGuest } from '../conversation/api.js';
import type { Caller, Identity } from '../identity/api.js';
import {
  checkedAgenda,
  checkedText,
  checkedTimes,
  checkedTimezone,
  inviteesFrom,
  longestAgenda,
  longestPassword,
  longestTitle,
} from './fields.js';
import { createPlace, meetingLink, type Secrets, sipAddressOf } from './places.js';
import {
  inviteeOf,
  ownScheduled,
  placeById,
  putInvitees,
  removeInvitees,
  removePlace,
  scheduledFor,
  type PlaceRow,
} from './store.js';

export interface ScheduleParts {
  readonly kernel: Kernel;
  readonly identity: Pick<Identity, 'caller' | 'userById'>;
  readonly secrets: Secrets;
  readonly cursors: Cursors;
}

const meetingBody = defineBody({
  title: textType(`Up to ${String(longestTitle)} characters.`),
  start: textType('ISO 8601, such as 2026-05-01T10:00:00Z.'),
  end: textType('ISO 8601, after the start.'),
  timezone: textType('A name such as Europe/Berlin; default UTC.'),
  agenda: textType(`Up to ${String(longestAgenda)} characters.`),
  password: textType(`Up to ${String(longestPassword)} characters; empty for none.`),
  invitees: anyType(
    'People: objects with email, displayName and coHost. They replace those who are invited.',
  ),
});

/** Scheduled meetings of the public REST API. */
export function scheduleRoutes({ kernel, identity, secrets, cursors }: ScheduleParts): Routes {
  const { store } = kernel;
  const base = `${restBase}/meetings`;
  const callerOf = (request: FastifyRequest): Promise<Caller> => identity.caller(request, 'spark:all');

  async function show(request: FastifyRequest, row: PlaceRow, caller: Caller): Promise<object> {
    const host = await identity.userById(row.owner_id);
    const isHost = row.owner_id === caller.user.id;
    const password = secrets.password(row);
    return {
      id: compactId(row.id),
      meetingNumber: row.number,
      title: row.title,
      ...(row.agenda !== null && { agenda: row.agenda }),
      ...(password !== undefined && { password }),
      meetingType: 'meetingSeries',
      state: 'active',
      timezone: row.timezone,
      ...(row.start_ms !== null && { start: iso(row.start_ms) }),
      ...(row.end_ms !== null && { end: iso(row.end_ms) }),
      hostUserId: personId(row.owner_id),
      hostDisplayName: host?.display_name ?? '',
      hostEmail: host?.email ?? '',
      ...(isHost && { hostKey: secrets.hostKey(row) }),
      siteUrl: new URL(kernel.urls(request).base).host,
      webLink: meetingLink(kernel.urls(request), row.number),
      sipAddress: sipAddressOf({ number: row.number }),
    };
  }

  /** One that the caller owns or is invited to; no one else learns that it exists. */
  async function visible(request: FastifyRequest, caller: Caller): Promise<PlaceRow> {
    const row = await placeById(store.db, uuidInPath(param(request.params, 'id')));
    if (row?.kind !== 'scheduled') throw notFound();
    if (row.owner_id === caller.user.id) return row;
    if ((await inviteeOf(store.db, row.id, caller.user.email)) === undefined) throw notFound();
    return row;
  }
  const owned = (request: FastifyRequest, caller: Caller): Promise<PlaceRow> =>
    ownScheduled(store.db, uuidInPath(param(request.params, 'id')), caller.user.id);

  const wrapPassword = (id: string, password: string): Buffer | null =>
    password === '' ? null : secrets.wrap(id, 'password', checkedText('password', password, longestPassword));

  async function update(request: FastifyRequest, isPatch: boolean): Promise<object> {
    const caller = await callerOf(request);
    const row = await owned(request, caller);
    const body = meetingBody.read(request.body);
    const title = asText(body.title);
    if (!isPatch && title === undefined) throw badRequest('title is required.');
    const [start_ms, end_ms] = checkedTimes(
      dateField('start', asText(body.start)) ?? (isPatch ? (row.start_ms ?? undefined) : undefined),
      dateField('end', asText(body.end)) ?? (isPatch ? (row.end_ms ?? undefined) : undefined),
    );
    const password = asText(body.password);
    const timezone = asText(body.timezone);
    const agenda = asText(body.agenda);
    const invitees = inviteesFrom(row.id, body.invitees);
    const changed = {
      ...(title !== undefined && { title: checkedText('title', title, longestTitle) }),
      ...(timezone !== undefined && { timezone: checkedTimezone(timezone) }),
      ...(agenda !== undefined && { agenda: checkedAgenda(agenda) }),
      ...(password !== undefined && { password: wrapPassword(row.id, password) }),
      start_ms,
      end_ms,
    };
    await store.write(async ({ tx }) => {
      await tx.updateTable('meeting_places').set(changed).where('id', '=', row.id).execute();
      if (invitees === undefined) return;
      await removeInvitees(tx, row.id);
      await putInvitees(tx, invitees);
    });
    return show(request, { ...row, ...changed }, caller);
  }

  return (app) => {
    app.post(base, operation('Schedules a meeting.', meetingBody), async (request) => {
      const caller = await callerOf(request);
      if (isGuest(caller.user)) throw forbidden('Guests cannot schedule meetings.');
      const body = meetingBody.read(request.body);
      const [start_ms, end_ms] = checkedTimes(
        dateField('start', asText(body.start)),
        dateField('end', asText(body.end)),
      );
      const title = checkedText('title', asText(body.title) ?? '', longestTitle);
      const given = asText(body.password) ?? '';
      const password = given === '' ? undefined : checkedText('password', given, longestPassword);
      const timezone = checkedTimezone(asText(body.timezone) ?? 'UTC');
      const agenda = checkedAgenda(asText(body.agenda) ?? '');
      const { id: owner_id, org_id } = caller.user;
      const row = await store.write(async ({ tx }) => {
        const made = await createPlace(
          tx,
          secrets,
          { kind: 'scheduled', org_id, owner_id, title, start_ms, end_ms, timezone, agenda, password },
          kernel.now(),
        );
        await putInvitees(tx, inviteesFrom(made.id, body.invitees) ?? []);
        return made;
      });
      return show(request, row, caller);
    });
    app.get(base, async (request, reply) => {
      const caller = await callerOf(request);
      const limit = pageSize(request, 10, 100);
      const cursor = cursors.read(request, caller.user.id);
      const number = param(request.query, 'meetingNumber')?.replace(/\s/g, '');
      const rows = await scheduledFor(store.db, caller.user, {
        fromMs: dateField('from', param(request.query, 'from')),
        toMs: dateField('to', param(request.query, 'to')),
        number: number === '' ? undefined : number,
        limit: limit + 1,
        ...(cursor && { after: { startMs: Number(cursor['startMs']), id: text(cursor['id']) ?? '' } }),
      });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      if (rows.length > limit && last !== undefined)
        cursors.next(request, reply, kernel.urls(request), caller.user.id, {
          startMs: last.start_ms,
          id: last.id,
        });
      return { items: await Promise.all(page.map((row) => show(request, row, caller))) };
    });
    app.get(`${base}/:id`, async (request) => {
      const caller = await callerOf(request);
      return show(request, await visible(request, caller), caller);
    });
    app.put(`${base}/:id`, operation('Replaces a meeting.', meetingBody), (request) =>
      update(request, false),
    );
    app.patch(`${base}/:id`, operation('Changes a meeting.', meetingBody), (request) =>
      update(request, true),
    );
    app.delete(`${base}/:id`, async (request, reply) => {
      const caller = await callerOf(request);
      const row = await owned(request, caller);
      await store.write(({ tx }) => removePlace(tx, row.id));
      return reply.code(204).send();
    });
  };
}
