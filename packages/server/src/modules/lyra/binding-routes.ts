import { ApiError, badRequest, notFound } from '../../kernel/http/errors.js';
import { fields, param, text } from '../../kernel/http/untrusted.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import type { Conversations } from '../conversation/api.js';
import type { Caller, Identity } from '../identity/api.js';
import type { Rooms } from './rooms.js';
import { bindingShape } from './shapes.js';
import { fromBase64Url } from './space-routes.js';
import { type Binding, bindingOf, bindingsOf, insertBinding, type RoomDevice } from './store.js';

type Params = { Params: { id: string; bindingId: string } };
/** conversations that one device may be in at a time */
const mostBindings = 20;
const idOfUrl = (url: string | undefined): string | undefined =>
  /\/conversations\/([0-9a-f-]{36})\/?$/.exec(url ?? '')?.[1];

/**
 * A bound device is a member of the conversation, under its own name: anyone who can read it is among the people of the
 * space, its keys come from the membership, and it leaves as people leave. @source protocol/presence-devices-support.md §2.1
 */
export function bindingRoutes(
  kernel: Kernel,
  identity: Identity,
  conversations: Conversations,
  rooms: Rooms,
): Routes {
  const { store } = kernel;
  const base = `${servicePaths.lyra}/spaces/:id/bindings`;
  const isMember = async (conversationId: string, userId: string): Promise<boolean> =>
    (await conversations.reads.membership(conversationId, userId)) !== undefined;

  async function bind(caller: Caller, device: RoomDevice, body: unknown): Promise<Binding> {
    await rooms.inside(device, caller);
    const conversationId = idOfUrl(text(fields(body)['conversationUrl']));
    const kmsMessage = text(fields(body)['kmsMessage']);
    if (conversationId === undefined || kmsMessage === undefined)
      throw badRequest('conversationUrl and kmsMessage are needed.');
    if (!(await isMember(conversationId, caller.user.id))) throw notFound();
    const before = await bindingOf(store.db, device.id, conversationId);
    const isIn = await isMember(conversationId, device.id);
    if (before !== undefined && isIn) return before;
    if (before === undefined && (await bindingsOf(store.db, device.id)).length >= mostBindings)
      throw new ApiError(403, `A device can be in ${String(mostBindings)} spaces at most.`);
    // kept first: a device that is in by a binding always has one to end
    const row = { device_id: device.id, conversation_id: conversationId, user_id: caller.user.id };
    const binding =
      before ?? (await store.write(({ tx }) => insertBinding(tx, { ...row, created_ms: kernel.now() })));
    if (isIn) return binding;
    try {
      // the key message is unwrapped, checked and carried out with it
      await conversations.submit(caller, conversationId, {
        verb: 'add',
        object: { objectType: 'person', id: device.id },
        kmsMessage,
      });
    } catch (error) {
      await rooms.endBinding(binding);
      throw error;
    }
    return binding;
  }

  /** Anyone who is in the room, or in the conversation, may send the device out. */
  async function unbind(caller: Caller, binding: Binding, device: RoomDevice): Promise<void> {
    if (!(await isMember(binding.conversation_id, caller.user.id))) await rooms.inside(device, caller);
    // the key service forgets the device as it leaves; an embedded message would ask for the same once more
    await rooms.endBinding(binding);
    await rooms.tell(device.id, [caller.user.id]);
  }

  return (app) => {
    app.post<Params>(base, async (request, reply) => {
      const caller = await identity.caller(request);
      const device = await rooms.visible(request.params.id, caller.user);
      const binding = await bind(caller, device, request.body);
      await rooms.tell(device.id);
      return reply.code(201).send(bindingShape(kernel.urls(request), binding));
    });
    app.get<Params>(base, async (request) => {
      const caller = await identity.caller(request);
      const device = await rooms.visible(request.params.id, caller.user);
      await rooms.inside(device, caller);
      const items = [];
      for (const binding of await bindingsOf(store.db, device.id))
        // another person's conversation is none of the caller's business
        if (
          (await isMember(binding.conversation_id, caller.user.id)) &&
          (await isMember(binding.conversation_id, device.id))
        )
          items.push(bindingShape(kernel.urls(request), binding));
      return { items };
    });
    app.delete<Params>(base, async (request, reply) => {
      const caller = await identity.caller(request);
      const device = await rooms.visible(request.params.id, caller.user);
      const conversationId = idOfUrl(fromBase64Url(param(request.query, 'conversationUrl') ?? ''));
      const binding =
        conversationId === undefined ? undefined : await bindingOf(store.db, device.id, conversationId);
      if (binding === undefined) throw notFound();
      await unbind(caller, binding, device);
      return reply.code(204).send();
    });
    app.delete<Params>(`${base}/:bindingId`, async (request, reply) => {
      const caller = await identity.caller(request);
      const device = await rooms.visible(request.params.id, caller.user);
      const binding = (await bindingsOf(store.db, device.id)).find(
        ({ id }) => id === request.params.bindingId,
      );
      if (binding === undefined) throw notFound();
      await unbind(caller, binding, device);
      return reply.code(204).send();
    });
  };
}
