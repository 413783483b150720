import { createList, sdkError, type Host } from '@trunkline/core';
import type { ConversationPeer, Message, MessagePeer } from '@trunkline/wire';
import { createMessageEvents } from './message-events.js';
import { toRestBody } from './rest-body.js';
import type { MessageContent, MessageCreate, Messages, MessagesOptions } from './types.js';

const defaultMaxFileBytes = 100 * 1024 * 1024;

/** What callers see as `client.messages`. */
export function createMessages(
  host: Host,
  { maxFileBytes = defaultMaxFileBytes }: MessagesOptions = {},
): Messages {
  // asked for at each call: plugins may be added later
  const encrypted = (clear: true | undefined): MessagePeer | undefined =>
    clear ? undefined : (host.peer('conversation') as ConversationPeer | undefined)?.messages;

  return {
    ...createMessageEvents(host),

    async create({ clear, ...message }, init) {
      checkCreate(message);
      const peer = encrypted(clear);
      if (peer) return peer.create(message, init);
      const body = await toRestBody(message, maxFileBytes, init?.signal);
      const options = { method: 'POST', service: 'hydra', path: 'messages', body } as const;
      return (await host.request<Message>({ ...init, ...options })).body;
    },
    async get(message, init) {
      return (await host.request<Message>({ ...init, service: 'hydra', path: pathOf(message) })).body;
    },
    list(query, init) {
      if (!query.roomId) throw sdkError('ERR_ARGUMENT', 'messages.list needs the roomId of the room to read');
      return createList<Message>(host, { ...init, service: 'hydra', path: 'messages', query: { ...query } });
    },
    listDirect(query, init) {
      if (Boolean(query.personId) === Boolean(query.personEmail))
        throw sdkError('ERR_ARGUMENT', 'messages.listDirect needs exactly one of personId and personEmail');
      const path = 'messages/direct';
      return createList<Message>(host, { ...init, service: 'hydra', path, query: { ...query } });
    },
    async update(message, changes, init) {
      const old = typeof message === 'string' ? undefined : message;
      const path = pathOf(message);
      const { clear, ...given } = changes ?? wordsOf(old);
      const roomId = given.roomId ?? old?.roomId;
      if (!roomId)
        throw sdkError('ERR_ARGUMENT', 'messages.update needs a roomId, in the message or in the changes');
      if (!hasWords(given)) throw sdkError('ERR_ARGUMENT', 'messages.update needs text, markdown or html');
      const peer = encrypted(clear);
      const id = typeof message === 'string' ? message : message.id;
      if (peer) return peer.update(id, { ...given, roomId }, init);
      const options = { method: 'PUT', service: 'hydra', path, body: { ...given, roomId } } as const;
      return (await host.request<Message>({ ...init, ...options })).body;
    },
    async remove(message, init) {
      await host.request({ ...init, method: 'DELETE', service: 'hydra', path: pathOf(message) });
    },
  };
}

function checkCreate(message: MessageCreate): void {
  const { roomId, toPersonId, toPersonEmail, files, attachments } = message;
  if ([roomId, toPersonId, toPersonEmail].filter(Boolean).length !== 1)
    throw sdkError('ERR_ARGUMENT', 'a message needs exactly one of roomId, toPersonId and toPersonEmail');
  if (!hasWords(message) && !files?.length && !attachments?.length)
    throw sdkError('ERR_ARGUMENT', 'a message needs text, markdown, html, a file or a card');
}

const hasWords = ({ text, markdown, html }: MessageContent): boolean => Boolean(text ?? markdown ?? html);

/** What a message that was fetched and changed in place says; `html` was derived and would be refused. */
function wordsOf(
  message: MessageContent = {},
): MessageContent & { readonly roomId?: string; readonly clear?: true } {
  const { text, markdown, html } = message;
  if (text === undefined && markdown === undefined) return html === undefined ? {} : { html };
  return { ...(text !== undefined && { text }), ...(markdown !== undefined && { markdown }) };
}

function pathOf(message: string | { readonly id: string }): string {
  const id = typeof message === 'string' ? message : message.id;
  if (!id) throw sdkError('ERR_ARGUMENT', 'a message id is needed; give the id, or a message that has one');
  return `messages/${encodeURIComponent(id)}`;
}
