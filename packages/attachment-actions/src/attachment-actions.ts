import { sdkError, type CallInit, type Host } from '@trunkline/core';
import { checkArguments, type ParameterRules, createResource, requireArgument } from '@trunkline/core/kit';
import {
  attachmentActionEvents,
  uuidOf,
  type AttachmentAction,
  type ConversationPeer,
  type Message,
} from '@trunkline/wire';
import { createEvents } from './events.js';
import type { AttachmentActionCreate, AttachmentActions, AttachmentActionsOptions } from './types.js';

/** What each call takes before `init`. */
const rules: ParameterRules<AttachmentActions> = {
  create: 'action:object(messageId:text roomId?:text inputs?:json)',
};

/** What callers see as `client.attachmentActions`. */
export function createAttachmentActions(
  host: Host,
  options: AttachmentActionsOptions = {},
): AttachmentActions {
  const resource = createResource<AttachmentAction>(host, 'attachment/actions');
  return checkArguments('attachmentActions', rules, {
    ...createEvents(host, options),
    get: resource.get,
    async create({ encrypted: mayEncrypt, roomId, ...action }, init) {
      requireArgument(action.messageId, 'attachmentActions.create', 'the messageId of a message with a card');
      // asked for at each call: plugins may be added later
      const peer =
        mayEncrypt === false || options.encrypted === false ? undefined : host.peer('conversation');
      return peer?.cardAction
        ? encrypted(host, peer, { ...action, ...(roomId === undefined ? {} : { roomId }) }, init)
        : resource.create(action, init);
    },
  });
}

async function encrypted(
  host: Host,
  peer: ConversationPeer,
  { inputs = {}, messageId, roomId }: AttachmentActionCreate,
  init: CallInit | undefined,
): Promise<AttachmentAction> {
  const messageUuid = uuidOf('MESSAGE', messageId);
  requireArgument(messageUuid, 'attachmentActions.create', 'a messageId of the right kind');
  const roomUuid = uuidOf('ROOM', roomId ?? (await roomOf(host, messageId, init)));
  requireArgument(roomUuid, 'attachmentActions.create', 'a roomId of the right kind, or none');
  const activity = await peer.cardAction?.(roomUuid, messageUuid, inputs, init);
  const [news] = activity ? attachmentActionEvents(activity, host.clusterOf(activity.url)) : [];
  if (!news) throw sdkError('ERR_BAD_RESPONSE', 'the service answered no card action');
  return { ...news.data, inputs };
}

async function roomOf(host: Host, messageId: string, init: CallInit | undefined): Promise<string> {
  const path = `messages/${encodeURIComponent(messageId)}`;
  return (await host.request<Message>({ ...init, service: 'hydra', path })).body.roomId;
}
