import multipart from '@fastify/multipart';
import type { Message, WireFile, WireObject } from '@trunkline/wire';
import type { FastifyRequest } from 'fastify';
import { ApiError, badRequest, forbidden, notFound } from '../../kernel/http/errors.js';
import { idInField, idInPath, personId, restBase, roomTypeOf } from '../../kernel/http/fields.js';
import { operation } from '../../kernel/http/operation.js';
import { list, param, texts } from '../../kernel/http/untrusted.js';
import type { Routes } from '../../kernel/module.js';
import type { ConversationRecord, Participant, StoredActivity } from '../../modules/conversation/api.js';
import type { Caller } from '../../modules/identity/api.js';
import { findPerson, membershipIn, type Rest } from '../tools.js';
import {
  discard,
  editedMessage,
  type MessageBody,
  newMessage,
  readMessage,
  type ReceivedFile,
  textIn,
} from './message-body.js';
import { contentOf } from './message-content.js';
import { showMessage, showMessages, submittedContent } from './message-show.js';

const maxEdits = 10;
const unknownMessage = 'Unable to get message.';
const noDirect = 'Failed to get one on one conversation';

export interface FoundMessage {
  readonly message: StoredActivity;
  readonly conversation: ConversationRecord;
  readonly me: Participant;
}

/** A bot reads what mentions it, and what it wrote. */
const botMayRead = ({ user }: Caller, conversation: ConversationRecord, message: StoredActivity): boolean =>
  !user.roles.includes('bot') ||
  roomTypeOf(conversation) === 'direct' ||
  message.actorId === user.id ||
  (message.object.mentions?.items ?? []).some((mention) => mention.id === user.id);

/** The message behind an id; the id of an edit leads to the message that was edited. */
export async function messageIn(
  rest: Rest,
  caller: Caller,
  given: string | undefined,
): Promise<FoundMessage> {
  const { reads } = rest.conversations;
  let found = await reads.activity(caller.user.id, idInPath('MESSAGE', given, unknownMessage));
  if (found?.activity.parent?.type === 'edit')
    found = await reads.activity(caller.user.id, found.activity.parent.id);
  const isMessage = found?.activity.verb === 'post' || found?.activity.verb === 'share';
  if (found === undefined || !isMessage || found.activity.deletedMs !== null) throw notFound(unknownMessage);
  if (!botMayRead(caller, found.conversation, found.activity)) throw forbidden('Failed to get activity.');
  return { message: found.activity, conversation: found.conversation, me: found.me };
}

/** Where it goes: a room, or the room of two, which is made when it is the first message. */
async function destination(
  rest: Rest,
  caller: Caller,
  to: MessageBody['destination'],
): Promise<ConversationRecord> {
  if ('roomId' in to) return (await membershipIn(rest, caller, to.roomId)).conversation;
  const other = await findPerson(rest, {
    id: 'personId' in to ? to.personId : undefined,
    email: 'personEmail' in to ? to.personEmail : undefined,
  });
  if (other === undefined || other.id === caller.user.id) throw badRequest(noDirect);
  const { id } = await rest.conversations.create(caller, { memberIds: [other.id], isDirect: true });
  return (await membershipIn(rest, caller, id)).conversation;
}

const wireFile = ({ upload, name, mimeType }: ReceivedFile): WireFile => ({
  objectType: 'file',
  displayName: name,
  fileSize: upload.size,
  mimeType,
  url: upload.url,
  scr: JSON.stringify(upload.scr),
});
const categoryOf = (files: readonly ReceivedFile[]): string => {
  const majors = new Set(files.map((file) => file.mimeType.split('/')[0]));
  if (majors.size === 1 && majors.has('image')) return 'images';
  return majors.size === 1 && majors.has('video') ? 'videos' : 'documents';
};

/** @source protocol/hydra-rest.md §3 */
export function messageRoutes(rest: Rest): Routes {
  const { kernel, conversations, identity } = rest;

  async function post(caller: Caller, body: MessageBody) {
    const conversation = await destination(rest, caller, body.destination);
    const content = await contentOf(rest, body, conversation.id);
    for (const { upload } of body.files) await rest.files.assign(upload, conversation.id, caller.user.id);
    const shares = body.files.length > 0;
    const object: WireObject = {
      objectType: shares ? 'content' : 'comment',
      ...content,
      ...(body.cards.length === 0 ? {} : { cards: body.cards }),
      ...(shares
        ? { files: { items: body.files.map(wireFile) }, contentCategory: categoryOf(body.files) }
        : {}),
    };
    const message = await conversations.submit(caller, conversation.id, {
      verb: shares ? 'share' : 'post',
      object,
      ...(body.parentId === undefined ? {} : { parent: { id: body.parentId, type: 'reply' } }),
    });
    return { message, conversation, plain: submittedContent(object) };
  }

  async function show(request: FastifyRequest, { message, conversation }: FoundMessage): Promise<Message> {
    const [shown] = await showMessages(rest, [message], conversation, kernel.urls(request));
    if (shown === undefined) throw notFound(unknownMessage);
    return shown;
  }

  return (app) => {
    void app.register(multipart);

    // JSON has the limit of all JSON; the parts of a form are limited one by one as they stream in
    app.post(`${restBase}/messages`, operation('Posts a message.', newMessage), async (request) => {
      const caller = await identity.caller(request);
      const body = await readMessage(rest, request, caller);
      let posted: Awaited<ReturnType<typeof post>>;
      try {
        posted = await post(caller, body);
      } catch (error) {
        await discard(rest, body.files);
        throw error;
      }
      const { conversation, message, plain } = posted;
      // just written: not edited yet
      const shown = await showMessage(rest, message, conversation, caller.user, kernel.urls(request), {
        plain,
      });
      const { destination: to } = body;
      if ('roomId' in to) return shown;
      return 'personId' in to
        ? { ...shown, toPersonId: personId(to.personId) }
        : { ...shown, toPersonEmail: to.personEmail };
    });

    app.get(`${restBase}/messages/:id`, async (request) => {
      const caller = await identity.caller(request);
      return show(request, await messageIn(rest, caller, param(request.params, 'id')));
    });

    app.put(`${restBase}/messages/:id`, operation('Edits a message.', editedMessage), async (request) => {
      const caller = await identity.caller(request);
      const found = await messageIn(rest, caller, param(request.params, 'id'));
      const { conversation, message } = found;
      const body = editedMessage.read(request.body);
      const room = idInField('ROOM', 'roomId', body.roomId);
      if (room !== conversation.id) throw badRequest('roomId must be the room of the message.');
      const { text, markdown, html } = textIn(body);
      const more = (['files', 'attachments'] as const).filter((name) => list(body[name]).length > 0);
      if (message.actorId === caller.user.id && message.verb !== 'share' && more.length > 0)
        throw badRequest(`An edit changes text, markdown or html, and not ${more.join(' or ')}.`);
      if (text === undefined && markdown === undefined && html === undefined)
        throw badRequest('An edit needs text or markdown.');
      if (message.actorId !== caller.user.id) throw forbidden('Only its author may edit a message.');
      if (message.verb === 'share' || texts(message.object.cards).length > 0)
        throw badRequest('A message with files or attachments cannot be edited.');
      const count = (await conversations.reads.edits([message.id])).get(message.id)?.count ?? 0;
      if (count >= maxEdits) throw new ApiError(400, `A message can be edited ${String(maxEdits)} times.`);
      // HTML that was fetched with the message and sent back says what it said before
      const isStale = text !== undefined && html !== undefined && (await show(request, found)).html === html;
      const given = { text, markdown, html: isStale ? undefined : html };
      await conversations.submit(caller, conversation.id, {
        verb: 'post',
        object: { objectType: 'comment', ...(await contentOf(rest, given, conversation.id)) },
        parent: { id: message.id, type: 'edit' },
      });
      return show(request, found);
    });

    app.delete(`${restBase}/messages/:id`, async (request, reply) => {
      const caller = await identity.caller(request);
      const { conversation, message } = await messageIn(rest, caller, param(request.params, 'id'));
      await conversations.submit(caller, conversation.id, {
        verb: 'delete',
        object: { objectType: 'activity', id: message.id },
      });
      return reply.code(204).send();
    });
  };
}
