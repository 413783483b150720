import type { FastifyRequest } from 'fastify';
import { type ApiError, notFound } from '../../kernel/http/errors.js';
import { fields, flag, text } from '../../kernel/http/untrusted.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import type { Caller, Identity } from '../identity/api.js';
import type { Finder } from './finder.js';
import { newNumber, readAddress } from './places.js';
import { refusedWith } from './refusals.js';
import { showPlace } from './show.js';
import { linkOf, putLink, removeLink } from './store.js';

/** Below the site, which is this service: clients put it together themselves. */
export const spaceInstantPath = '/wbxappapi/v2/meetings/spaceInstant';

/**
 * Meetings of a room, at once and by a link that stays. Only members of the room reach them, with the link as well.
 * @source protocol/meetings-signalling.md §3.4
 */
export function spaceRoutes(kernel: Kernel, identity: Pick<Identity, 'caller'>, finder: Finder): Routes {
  const { store } = kernel;

  /** The room of the body, of which the caller is a member. @throws ApiError 404 */
  async function roomOf(request: FastifyRequest): Promise<{ caller: Caller; id: string; url: string }> {
    const caller = await identity.caller(request, 'spark:all');
    const url = text(fields(request.body)['spaceUrl']) ?? '';
    const found = readAddress(url)?.kind === 'room' ? await finder.visibleAt(caller, url) : undefined;
    if (found?.place.conversationId === undefined) throw notFound('There is no such meeting.');
    return { caller, id: found.place.conversationId, url };
  }
  async function show(
    request: FastifyRequest,
    { caller, url }: { caller: Caller; url: string },
  ): Promise<object> {
    const found = await finder.visibleAt(caller, url);
    if (found === undefined) throw notFound('There is no such meeting.');
    return showPlace(kernel.urls(request), found.place);
  }
  const noLink = (): ApiError => refusedWith(403, 403000, 'This space has no static meeting link.');

  return (app) => {
    app.post(spaceInstantPath, async (request) => {
      const room = await roomOf(request);
      if (flag(fields(request.body)['schedule']))
        await store.write(async ({ tx }) => {
          if ((await linkOf(tx, room.id)) !== undefined)
            throw refusedWith(409, 409000, 'This space has a static meeting link already.');
          await putLink(tx, {
            conversation_id: room.id,
            number: await newNumber(tx),
            user_id: room.caller.user.id,
            created_ms: kernel.now(),
          });
        });
      return show(request, room);
    });
    app.post(`${spaceInstantPath}/query`, async (request) => {
      const room = await roomOf(request);
      if ((await linkOf(store.db, room.id)) === undefined) throw noLink();
      return show(request, room);
    });
    app.post(`${spaceInstantPath}/deletePersistentMeeting`, async (request) => {
      const room = await roomOf(request);
      const removed = await store.write(({ tx }) => removeLink(tx, room.id));
      if (!removed) throw noLink();
      return show(request, room);
    });
  };
}
