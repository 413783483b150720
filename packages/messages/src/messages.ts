import type { Host } from '@trunkline/core';
import {
  checkArguments,
  type ParameterRules,
  createList,
  createResource,
  lateMethods,
  requireArgument,
} from '@trunkline/core/kit';
import type { Message, MessagePeer } from '@trunkline/wire';
import { createMessageEvents } from './message-events.js';
import type { MessageContent, Messages, MessagesOptions, MessageUpdate } from './types.js';

const defaultMaxFileBytes = 100 * 1024 * 1024;

/** What each call takes before `init`. */
const rules: ParameterRules<Messages> = {
  create:
    'message:object(text?:string markdown?:string html?:string roomId?:string toPersonId?:string toPersonEmail?:string parentId?:string files?:array attachments?:array) init?:object(maxBytes?:number onProgress?:function)',
  list: 'sync query:object',
  listDirect: 'sync query:object',
  update:
    'message:id changes?:object(text?:string markdown?:string html?:string roomId?:string files?:array attachments?:array)',
  download: 'file:holder init?:object(maxBytes?:number index?:number onProgress?:function)',
  fileInfo: 'file:holder init?:object(maxBytes?:number index?:number onProgress?:function)',
};

/** What callers see as `client.messages`. */
export function createMessages(
  host: Host,
  { maxFileBytes = defaultMaxFileBytes, encrypted: mayEncrypt }: MessagesOptions = {},
): Messages {
  // asked for at each call: plugins may be added later
  const encryptedMessages = (wanted?: false): MessagePeer | undefined =>
    wanted === false || mayEncrypt === false ? undefined : host.peer('conversation')?.messages;

  const resource = createResource<Message>(host, 'messages');
  const downloads = host.late('files', async () =>
    (await import('./downloads.js')).createDownloads(host, encryptedMessages),
  );
  const restBody = host.late('files', () => import('./rest-body.js'));

  return checkArguments('messages', rules, {
    ...createMessageEvents(host, encryptedMessages),
    ...resource,
    ...lateMethods(downloads, ['download', 'fileInfo']),

    async create({ encrypted, ...draft }, init) {
      const message = givenOf(draft);
      const { roomId, toPersonId, toPersonEmail, files, attachments } = message;
      requireArgument(
        [roomId, toPersonId, toPersonEmail].filter(Boolean).length === 1,
        'messages.create',
        'exactly one of roomId, toPersonId and toPersonEmail',
      );
      requireArgument(
        hasContent(message) || files?.length || attachments?.length,
        'messages.create',
        `${contentFields}, a file or a card`,
      );
      const peer = encryptedMessages(encrypted);
      const { maxBytes = maxFileBytes, ...rest } = init ?? {};
      if (peer) return peer.create(message, { ...rest, maxBytes });
      if (!files?.some((file) => typeof file !== 'string')) return resource.create(message, rest);
      const { toRestBody } = await restBody();
      return resource.create(await toRestBody(message, maxBytes, rest.signal), rest);
    },
    list(query, init) {
      requireArgument(query.roomId, 'messages.list', 'the roomId of the room to read');
      return resource.list(query, init);
    },
    listDirect(query, init) {
      requireArgument(
        !query.personId !== !query.personEmail,
        'messages.listDirect',
        'exactly one of personId and personEmail',
      );
      const path = 'messages/direct';
      return createList<Message>(host, { ...init, service: 'hydra', path, query: { ...query } });
    },
    async update(message, changes, init) {
      const old = typeof message === 'string' ? { id: message } : message;
      const { encrypted, ...draft }: MessageUpdate = changes ?? contentOf(old);
      const { attachments } = draft;
      // an empty list takes the cards away
      const given = { ...givenOf(draft), ...(attachments?.length === 0 && { attachments }) };
      const roomId = given.roomId ?? (old as MessageUpdate).roomId;
      requireArgument(old.id, 'messages.update', 'an id');
      requireArgument(roomId, 'messages.update', 'a roomId, in the message or in the changes');
      requireArgument(
        hasContent(given) || given.attachments,
        'messages.update',
        `${contentFields}, or cards`,
      );
      const peer = encryptedMessages(encrypted);
      const body = { ...given, roomId };
      return peer ? peer.update(old.id, body, init) : resource.update(old, body, init);
    },
  });
}

const contentFields = 'text, markdown or html';
const hasContent = ({ text, markdown, html }: MessageContent): boolean =>
  Boolean(text) || Boolean(markdown) || Boolean(html);

/** What is given: `''`, `null`, `undefined` and empty lists are the same as nothing. */
function givenOf<T extends object>(draft: T): T {
  const isGiven = (value: unknown): boolean =>
    value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(draft).filter(([, value]) => isGiven(value))) as T;
}

/** What a message that was fetched and changed in place says; `html` was derived and would be refused. */
function contentOf({ text, markdown, html }: MessageContent): MessageContent {
  if (text === undefined && markdown === undefined) return html === undefined ? {} : { html };
  return { ...(text !== undefined && { text }), ...(markdown !== undefined && { markdown }) };
}
