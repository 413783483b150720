import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { pageSize, type Cursors } from '../../kernel/http/cursor.js';
import { badRequest, notFound } from '../../kernel/http/errors.js';
import { dateField, iso, personId, restBase } from '../../kernel/http/fields.js';
import {
  asText,
  defineBody,
  operation,
  textType,
  anyType,
  asFlag,
  flagType,
} from '../../kernel/http/operation.js';
import { fields, list, param, text } from '../../kernel/http/untrusted.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import type { Caller, Identity } from '../identity/api.js';
import { createPlace, personalRoom, type Secrets } from './places.js';
import {
  inviteeById,
  inviteesOf,
  placeById,
  putInvitees,
  removePlace,
  scheduledFor,
  inviteeOf,
  type InviteeRow,
  type PlaceRow,
} from './store.js';
import { sipAddressOf } from './places.js';

export interface ScheduleParts {
  readonly kernel: Kernel;
  readonly identity: Pick<Identity, 'caller' | 'userById'>;
  readonly secrets: Secrets;
  readonly cursors: Cursors;
}

const longestTitle = 128;
const longestPassword = 60;
const longestAgenda = 1_300;
/** people that one meeting can have on its list */
const mostInvitees = 1_000;
/** a meeting lasts 24 hours at most */
const longestMs = 24 * 3_600_000;

const meetingBody = defineBody({
  title: textType(`Up to ${String(longestTitle)} characters.`),
  start: textType('ISO 8601, such as 2026-05-01T10:00:00Z.'),
  end: textType('ISO 8601, after the start.'),
  timezone: textType('A name such as Europe/Berlin; default UTC.'),
  agenda: textType(`Up to ${String(longestAgenda)} characters.`),
  password: textType(`Up to ${String(longestPassword)} characters; empty for none.`),
  invitees: anyType('People: objects with email, displayName and coHost.'),
});
const inviteeBody = defineBody(
  {
    meetingId: textType('The meeting.'),
    email: textType('Who is invited.'),
    displayName: textType('How they are called.'),
    coHost: flagType('Whether they may do what the host may.'),
  },
  ['email'],
);

/** The bare uuid that a public meeting id stands for: the same without hyphens. */
const publicId = (id: string): string => id.replaceAll('-', '');
const idOf = (given: string | undefined): string => {
  const match = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/.exec(
    given ?? '',
  );
  if (match === null) throw notFound();
  return match.slice(1).join('-');
};

/** @throws ApiError 400 */
function checkedText(name: string, value: string, longest: number): string {
  const trimmed = value.trim();
  if (trimmed === '' || trimmed.length > longest)
    throw badRequest(`${name} must have 1 to ${String(longest)} characters.`);
  return trimmed;
}
function checkedTimezone(value: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    throw badRequest('timezone must be a name such as Europe/Berlin.');
  }
}
function checkedTimes(startMs: number | undefined, endMs: number | undefined): readonly [number, number] {
  if (startMs === undefined || endMs === undefined) throw badRequest('start and end are required.');
  if (endMs <= startMs) throw badRequest('end must be after start.');
  if (endMs - startMs > longestMs) throw badRequest('A meeting can last 24 hours at most.');
  return [startMs, endMs];
}
const emailPattern = /^[^\s@]{1,64}@[^\s@]{1,255}$/;
function inviteeFrom(placeId: string, given: unknown): InviteeRow {
  const { email, displayName, coHost } = fields(given);
  const address = text(email)?.trim().toLowerCase();
  if (address === undefined || !emailPattern.test(address))
    throw badRequest('Each invitee needs an email address.');
  return {
    id: randomUUID(),
    place_id: placeId,
    email: address,
    display_name: text(displayName)?.trim().slice(0, 128) ?? null,
    co_host: coHost === true || coHost === 'true' ? 1 : 0,
  };
}

/** Scheduled meetings of the public REST API, and a person's meeting preferences. */
export function scheduleRoutes({ kernel, identity, secrets, cursors }: ScheduleParts): Routes {
  const { store } = kernel;
  const base = `${restBase}/meetings`;
  const callerOf = (request: FastifyRequest): Promise<Caller> => identity.caller(request, 'spark:all');

  const linkOf = (request: FastifyRequest, { number }: PlaceRow): string =>
    `${kernel.urls(request).base}/m/${number}?MTID=m${number}`;

  async function show(request: FastifyRequest, row: PlaceRow, caller: Caller): Promise<object> {
    const host = await identity.userById(row.owner_id);
    const isHost = row.owner_id === caller.user.id;
    const password = secrets.password(row);
    return {
      id: publicId(row.id),
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
      webLink: linkOf(request, row),
      sipAddress: sipAddressOf({ number: row.number }),
    };
  }

  /** One that the caller owns or is invited to; no one else learns that it exists. */
  async function visible(request: FastifyRequest, caller: Caller): Promise<PlaceRow> {
    const row = await placeById(store.db, idOf(param(request.params, 'id')));
    if (row?.kind !== 'scheduled') throw notFound();
    if (row.owner_id === caller.user.id) return row;
    if ((await inviteeOf(store.db, row.id, caller.user.email)) === undefined) throw notFound();
    return row;
  }
  async function owned(id: string, caller: Caller): Promise<PlaceRow> {
    const row = await placeById(store.db, id);
    if (row?.kind !== 'scheduled' || row.owner_id !== caller.user.id) throw notFound();
    return row;
  }

  async function update(request: FastifyRequest, isPatch: boolean): Promise<object> {
    const caller = await callerOf(request);
    const row = await owned(idOf(param(request.params, 'id')), caller);
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
    const changed = {
      ...(title !== undefined && { title: checkedText('title', title, longestTitle) }),
      ...(timezone !== undefined && { timezone: checkedTimezone(timezone) }),
      ...(agenda !== undefined && { agenda: agenda.slice(0, longestAgenda) }),
      ...(password !== undefined && { password: wrapPassword(row.id, password) }),
      start_ms,
      end_ms,
    };
    await store.write(({ tx }) =>
      tx.updateTable('meeting_places').set(changed).where('id', '=', row.id).execute(),
    );
    return show(request, { ...row, ...changed }, caller);
  }
  const wrapPassword = (id: string, password: string): Buffer | null => {
    if (password === '') return null;
    return secrets.wrap(id, 'password', checkedText('password', password, longestPassword));
  };

  const showInvitee = (row: InviteeRow): object => ({
    id: publicId(row.id),
    meetingId: publicId(row.place_id),
    email: row.email,
    displayName: row.display_name ?? row.email,
    coHost: row.co_host === 1,
  });

  return (app) => {
    app.post(base, operation('Schedules a meeting.', meetingBody), async (request) => {
      const caller = await callerOf(request);
      const body = meetingBody.read(request.body);
      const [start_ms, end_ms] = checkedTimes(
        dateField('start', asText(body.start)),
        dateField('end', asText(body.end)),
      );
      const title = checkedText('title', asText(body.title) ?? '', longestTitle);
      const password = asText(body.password);
      const timezone = checkedTimezone(asText(body.timezone) ?? 'UTC');
      const agenda = asText(body.agenda)?.slice(0, longestAgenda) ?? null;
      const invitees = list(body.invitees);
      if (invitees.length > mostInvitees)
        throw badRequest(`A meeting can have ${String(mostInvitees)} invitees.`);
      if (password !== undefined && password !== '') checkedText('password', password, longestPassword);
      const row = await store.write(async ({ tx }) => {
        const { id: owner_id, org_id } = caller.user;
        const made = await createPlace(
          tx,
          secrets,
          {
            ...{ kind: 'scheduled', org_id, owner_id, title, start_ms, end_ms, timezone, agenda },
            password: password === '' ? undefined : password,
          },
          kernel.now(),
        );
        await putInvitees(
          tx,
          invitees.map((one) => inviteeFrom(made.id, one)),
        );
        return made;
      });
      return show(request, row, caller);
    });
    app.get(base, async (request, reply) => {
      const caller = await callerOf(request);
      const limit = pageSize(request, 10, 100);
      const cursor = cursors.read(request, caller.user.id);
      const rows = await scheduledFor(store.db, caller.user, {
        fromMs: dateField('from', param(request.query, 'from')),
        toMs: dateField('to', param(request.query, 'to')),
        number: param(request.query, 'meetingNumber')?.replace(/\s/g, ''),
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
      const row = await owned(idOf(param(request.params, 'id')), caller);
      await store.write(({ tx }) => removePlace(tx, row.id));
      return reply.code(204).send();
    });

    const invitees = `${restBase}/meetingInvitees`;
    app.get(invitees, async (request) => {
      const caller = await callerOf(request);
      const row = await owned(idOf(param(request.query, 'meetingId')), caller);
      return { items: (await inviteesOf(store.db, row.id)).map(showInvitee) };
    });
    app.post(invitees, operation('Invites a user to a meeting.', inviteeBody), async (request) => {
      const caller = await callerOf(request);
      const body = inviteeBody.read(request.body);
      const row = await owned(idOf(asText(body.meetingId)), caller);
      const invitee = inviteeFrom(row.id, { ...body, coHost: asFlag(body.coHost) });
      const kept = await store.write(async ({ tx }) => {
        if ((await inviteesOf(tx, row.id)).length >= mostInvitees)
          throw badRequest(`A meeting can have ${String(mostInvitees)} invitees.`);
        await putInvitees(tx, [invitee]);
        return inviteeOf(tx, row.id, invitee.email);
      });
      return showInvitee(kept ?? invitee);
    });
    app.get(`${invitees}/:id`, async (request) => {
      const caller = await callerOf(request);
      return showInvitee(await ownInvitee(request, caller));
    });
    app.delete(`${invitees}/:id`, async (request, reply) => {
      const caller = await callerOf(request);
      const { id } = await ownInvitee(request, caller);
      await store.write(({ tx }) => tx.deleteFrom('meeting_invitees').where('id', '=', id).execute());
      return reply.code(204).send();
    });
    async function ownInvitee(request: FastifyRequest, caller: Caller): Promise<InviteeRow> {
      const row = await inviteeById(store.db, idOf(param(request.params, 'id')));
      if (row === undefined) throw notFound();
      await owned(row.place_id, caller);
      return row;
    }

    const preferences = `${restBase}/meetingPreferences`;
    const roomOf = async (request: FastifyRequest): Promise<object> => {
      const caller = await callerOf(request);
      const row = await personalRoom(kernel, secrets, caller.user);
      return {
        topic: row.title,
        hostPin: secrets.hostKey(row),
        personalMeetingRoomLink: linkOf(request, row),
        sipAddress: sipAddressOf({ number: row.number }),
        enabledAutoLock: false,
      };
    };
    const sitesOf = (request: FastifyRequest): readonly object[] => [
      { siteUrl: new URL(kernel.urls(request).base).host, default: true },
    ];
    app.get(preferences, async (request) => ({
      personalMeetingRoom: await roomOf(request),
      sites: sitesOf(request),
    }));
    app.get(`${preferences}/personalMeetingRoom`, roomOf);
    app.get(`${preferences}/sites`, async (request) => {
      await callerOf(request);
      return { sites: sitesOf(request) };
    });
  };
}
