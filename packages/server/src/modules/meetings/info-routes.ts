import { decodeId } from '@trunkline/wire';
import type { FastifyRequest } from 'fastify';
import { ApiError, notFound } from '../../kernel/http/errors.js';
import { fields, text } from '../../kernel/http/untrusted.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import { type Conversations, isGuest, visiblePeople } from '../conversation/api.js';
import type { Caller, Identity } from '../identity/api.js';
import type { MeetingPlace } from './api.js';
import { Attempts } from './attempts.js';
import type { Captchas } from './captcha.js';
import { isExpected } from './entry.js';
import { uuidFrom } from './fields.js';
import type { Permissions } from './permission.js';
import {
  meetingLink,
  personalRoom,
  placeOf,
  readAddress,
  roomPlace,
  sipAddressOf,
  type Secrets,
} from './places.js';
import { placeById, placeByNumber, type PlaceRow } from './store.js';

export interface InfoParts {
  readonly kernel: Kernel;
  readonly identity: Pick<Identity, 'caller' | 'userById' | 'userByEmail'>;
  readonly conversations: Pick<Conversations, 'reads'>;
  readonly secrets: Secrets;
  readonly permissions: Permissions;
  readonly captchas: Captchas;
}

const base = servicePaths['webex-appapi-service'];

/** What was asked for: a row, or the meeting of a room. */
type Found = { readonly row: PlaceRow } | { readonly room: MeetingPlace };

/** A refusal in the shape of this service, which clients switch on by `code`. */
const refused = (status: number, code: number, message: string, more: object = {}): ApiError =>
  new ApiError(status, message, { body: { code, message, ...more } });

/** Meeting info: what a client needs to know before it joins. @source protocol/meetings-signalling.md §3 */
export function infoRoutes(parts: InfoParts): Routes {
  const { kernel, identity, conversations, secrets, permissions, captchas } = parts;
  const { db } = kernel.store;
  const attempts = new Attempts(() => kernel.now());

  async function findRoom(caller: Caller, conversationId: string): Promise<Found | undefined> {
    if ((await conversations.reads.membership(conversationId, caller.user.id)) === undefined)
      return undefined;
    const room = await roomPlace(conversations, conversationId);
    return room && { room };
  }
  async function findAddress(caller: Caller, address: string): Promise<Found | undefined> {
    const read = readAddress(address);
    if (read?.kind === 'room') return findRoom(caller, read.conversationId);
    if (read?.kind !== 'number') return undefined;
    const row = await placeByNumber(db, read.number);
    return row && { row };
  }
  /** Whose personal room: by uuid, public id, or email. Guests find only people whom they know, and have none. */
  async function findPersonal({ user: caller }: Caller, who: string): Promise<Found | undefined> {
    const user = who.includes('@')
      ? await identity.userByEmail(who.toLowerCase())
      : await identity.userById(decodeId(who)?.local ?? who);
    if (user === undefined || isGuest(user)) return undefined;
    const isVisible = (await visiblePeople(conversations.reads, caller, [user.id])).has(user.id);
    return isVisible ? { row: await personalRoom(kernel, secrets, user) } : undefined;
  }
  async function findScheduled(publicId: string): Promise<Found | undefined> {
    const id = uuidFrom(publicId);
    const row = id === undefined ? undefined : await placeById(db, id);
    return row && { row };
  }
  async function find(caller: Caller, body: unknown): Promise<Found | undefined> {
    const { meetingKey, sipUrl, meetingUrl, conversationUrl, meetingUUID, userId } = fields(body);
    for (const value of [meetingKey, sipUrl, meetingUrl, conversationUrl]) {
      const address = text(value);
      if (address !== undefined) return findAddress(caller, address);
    }
    const id = text(meetingUUID);
    if (id !== undefined) return findScheduled(id);
    const who = text(userId);
    return who === undefined ? undefined : findPersonal(caller, who);
  }

  const captchaFields = (request: FastifyRequest, id: string): object => {
    const url = `${kernel.urls(request).service('webex-appapi-service')}/captcha/${id}`;
    return {
      captchaID: id,
      verificationImageURL: `${url}/image`,
      verificationAudioURL: `${url}/audio`,
      refreshURL: `${url}/refresh?`,
    };
  };

  /** What a client needs for its form: nothing that only those with the password may know. */
  const reachable = (request: FastifyRequest, place: MeetingPlace): object => {
    const { host } = new URL(kernel.urls(request).base);
    return {
      sipUrl: sipAddressOf(place),
      isPmr: place.isPersonalRoom,
      siteFullUrl: host,
      supportVoIP: true,
      video: { supportHDV: true, supportHQV: true },
      ...(place.number !== undefined && {
        meetingJoinUrl: meetingLink(kernel.urls(request), place.number),
        meetingNumber: place.number,
        meetingId: place.number,
        confIdStr: place.number,
      }),
    };
  };
  const shown = (request: FastifyRequest, place: MeetingPlace): object => ({
    ...reachable(request, place),
    meetingName: place.title,
    ...(place.hostUserId !== undefined && { owner: place.hostUserId, hostId: place.hostUserId }),
    ...(place.conversationId !== undefined && {
      conversationUrl: kernel.urls(request).conversation(place.conversationId),
    }),
  });

  /** Checks captcha and password of who needs them. @throws ApiError 403, 423 */
  async function checkPassword(request: FastifyRequest, caller: Caller, row: PlaceRow): Promise<void> {
    if (row.password === null || (await isExpected({ db, identity }, row, caller.user.id))) return;
    const { password, captchaID, captchaVerifyCode } = fields(request.body);
    const given = text(password);
    const key = `${caller.user.id} ${row.id}`;
    const meetingInfo = reachable(request, placeOf(row));
    if (given !== undefined && attempts.isExhausted(key)) {
      const id = text(captchaID);
      const solved = id !== undefined && captchas.answer(id, text(captchaVerifyCode) ?? '');
      if (!solved)
        throw refused(423, 423001, 'Too many wrong passwords: solve the captcha.', {
          ...captchaFields(request, captchas.issue()),
          data: { meetingInfo },
        });
    }
    // the host key opens the meeting, too
    if (given !== undefined && (secrets.isPassword(row, given) || secrets.isHostKey(row, given))) {
      attempts.succeed(key);
      return;
    }
    if (given !== undefined) attempts.fail(key);
    if (attempts.isExhausted(key))
      throw refused(423, 423005, 'The password is wrong, and a captcha has to be solved.', {
        ...captchaFields(request, captchas.issue()),
        data: { meetingInfo },
      });
    throw refused(403, 403004, 'The meeting needs its password.', { data: { meetingInfo } });
  }

  async function info(request: FastifyRequest, found: Found, caller: Caller): Promise<object> {
    if ('room' in found) return shown(request, found.room);
    await checkPassword(request, caller, found.row);
    return {
      ...shown(request, placeOf(found.row)),
      permissionToken: permissions.grant(caller.user.id, found.row.id, kernel.now()),
    };
  }

  return (app) => {
    app.post(`${base}/meetingInfo`, async (request) => {
      const caller = await identity.caller(request, 'spark:all');
      const found = await find(caller, request.body);
      if (found === undefined) throw notFound('There is no such meeting.');
      return info(request, found, caller);
    });
    for (const [kind, type] of [
      ['image', 'image/svg+xml'],
      ['audio', 'audio/wav'],
    ] as const)
      app.get<{ Params: { id: string } }>(`${base}/captcha/:id/${kind}`, (request, reply) => {
        const captcha = captchas.find(request.params.id);
        if (captcha === undefined) throw notFound();
        return reply.type(type).header('cache-control', 'no-store').send(captcha[kind]);
      });
    app.post<{ Params: { id: string } }>(`${base}/captcha/:id/refresh`, async (request) => {
      await identity.caller(request, 'spark:all');
      const { id } = request.params;
      if (captchas.find(id) === undefined) throw notFound();
      captchas.forget(id);
      return captchaFields(request, captchas.issue());
    });
  };
}
