import { isSdkError, sdkError, type CallInit, type Host } from '@trunkline/core';
import {
  decodeId,
  uuidOf,
  type ConversationPeer,
  type EncryptionPeer,
  type MessageDraft,
  type MessagePeer,
  type Person,
  type ActivityContent,
} from '@trunkline/wire';
import type { ResolvedMention, WrittenMention } from '@trunkline/wire/content';
import { toMessage } from './public-message.js';
import type { Render } from './rendering.js';
import { readActivity } from '../engine/activity-codec.js';
import { boundsOf } from '../files/bounds.js';
import type { ShareInput } from '../files/types.js';
import type { Conversation, ReadableActivity } from '../types.js';

/** Messages in the terms of the public API, sent and read by the engine. */
export function createMessages(
  host: Host,
  engine: Pick<Conversation, 'post' | 'edit' | 'direct' | 'share' | 'download'>,
  encryption: () => EncryptionPeer | undefined,
): MessagePeer & { readonly prepare: () => void } {
  let hydraUrl: string | undefined;
  let render: Promise<Render> | undefined;
  const rendering = (): Promise<Render> => {
    render ??= import('./rendering.js').then(({ createRenderer }) => createRenderer());
    // a chunk that could not be loaded is asked for again
    render.catch(() => (render = undefined));
    return render;
  };
  const read = (activity: ReadableActivity) => toMessage(activity, host.clusterOf(activity.url), hydraUrl);

  return {
    /** Learns where files lie. */
    prepare() {
      if (hydraUrl !== undefined) return;
      host.serviceUrl('hydra').then(
        (url) => (hydraUrl = url),
        (error: unknown) => {
          // messages with files are fetched then, which says what is wrong
          host.log.debug({ error }, 'no hydra URL yet');
        },
      );
    },
    async create(message, init) {
      const { roomId, parentId, files, attachments } = message;
      const bounds = boundsOf(init);
      const cards = cardsOf(attachments);
      const parent = parentId === undefined ? {} : { parentId: uuid('MESSAGE', parentId, 'parentId') };
      const roomUuid = roomId
        ? uuid('ROOM', roomId, 'roomId')
        : await directRoom(host, engine, message, bounds);
      const said = await toWords(host, rendering, message, bounds);
      const words = { text: '', ...said, ...(cards.length > 0 && { cards }) };
      if (!files?.length) return read(await engine.post(roomUuid, words, parent, bounds));
      hydraUrl ??= await host.serviceUrl('hydra', bounds);
      const share = { ...words, ...parent, files: files as readonly ShareInput[] };
      return read(await engine.share(roomUuid, share, init));
    },
    async download(contentUrl, init) {
      const bounds = boundsOf(init);
      const id = decodeId(contentUrl.split(/[?#]/, 1)[0]?.split('/').pop() ?? '');
      const [activityId = '', index = ''] = id?.type === 'CONTENT' ? id.local.split('/') : [];
      if (activityId === '' || !/^\d{1,3}$/.test(index))
        throw sdkError(
          'ERR_ARGUMENT',
          'this is not an address of a file of a message; take it from its files',
        );
      const { body: activity } = await host.request<ReadableActivity>({
        ...bounds,
        service: 'conversation',
        path: `activities/${encodeURIComponent(activityId)}`,
      });
      await readActivity(encryption(), activity);
      const file = activity.object.files?.items[Number(index)];
      if (file === undefined) throw sdkError('ERR_NOT_FOUND', 'the message has no such file');
      return engine.download(file, init);
    },
    async update(id, message, init) {
      const roomUuid = uuid('ROOM', message.roomId ?? '', 'roomId');
      const messageUuid = uuid('MESSAGE', id, 'id');
      const { attachments, files } = message;
      if (files?.some((file) => !isFileOf(messageUuid, file)))
        throw sdkError(
          'ERR_ARGUMENT',
          'messages.update: the files of a message cannot be changed. Leave files out: they are kept.',
        );
      const words = {
        ...(await toWords(host, rendering, message, init)),
        ...(attachments && { cards: cardsOf(attachments) }),
      };
      return read(await engine.edit(roomUuid, messageUuid, words, init));
    },
    read: (activity: ReadableActivity) =>
      activity.decryptionFailed === true || (hydraUrl === undefined && activity.object.files?.items.length)
        ? undefined
        : read(activity),
  };
}

const cardType = 'application/vnd.microsoft.card.adaptive';

/** Cards as the conversation service has them. @source protocol/hydra-rest.md §3.3 */
function cardsOf(attachments: readonly unknown[] = []): readonly string[] {
  return attachments.map((attachment) => {
    const { contentType, content } = (attachment ?? {}) as {
      readonly contentType?: unknown;
      readonly content?: unknown;
    };
    if (contentType !== cardType || typeof content !== 'object' || content === null)
      throw sdkError(
        'ERR_ARGUMENT',
        `an attachment has the contentType ${cardType} and an object as content`,
      );
    return JSON.stringify(content);
  });
}

function uuid(type: 'ROOM' | 'MESSAGE' | 'PEOPLE', id: string, field: string): string {
  const found = uuidOf(type, id);
  if (found === undefined)
    throw sdkError(
      'ERR_ARGUMENT',
      `${field} is not an id of the right kind; take it from the SDK as it is, or give the uuid`,
    );
  return found;
}

async function directRoom(
  host: Host,
  engine: Pick<ConversationPeer, 'direct'>,
  { toPersonId, toPersonEmail }: MessageDraft,
  init: CallInit | undefined,
): Promise<string> {
  if (toPersonId) return engine.direct(uuid('PEOPLE', toPersonId, 'toPersonId'), init);
  const person = await personByEmail(host, toPersonEmail ?? '', init);
  if (person === undefined)
    throw sdkError('ERR_NOT_FOUND', 'no one you can see has the address in toPersonEmail; check it');
  return engine.direct(person.id, init);
}

/** Whether an entry of `files` is one that the message has. */
function isFileOf(messageUuid: string, file: unknown): boolean {
  const id = typeof file === 'string' ? decodeId(file.split('/').pop() ?? '') : undefined;
  return id?.type === 'CONTENT' && id.local.startsWith(`${messageUuid}/`);
}

async function personByEmail(
  host: Host,
  email: string,
  init: CallInit | undefined,
): Promise<KnownPerson | undefined> {
  const options = { service: 'hydra', path: 'people', query: { email } } as const;
  const { body } = await host.request<{ readonly items?: readonly Person[] }>({ ...init, ...options });
  return known(body.items?.[0]);
}

/** The person a mention means; without a label, also the name. */
async function mentioned(
  host: Host,
  { kind, value, label }: WrittenMention,
  init: CallInit | undefined,
): Promise<ResolvedMention> {
  if (kind === 'personEmail') return personByEmail(host, value, init);
  const id = uuidOf('PEOPLE', value);
  // with a label, no name has to be looked up
  if (id === undefined || label !== undefined) return id === undefined ? undefined : { id };
  try {
    const path = `people/${encodeURIComponent(value)}`;
    return known((await host.request<Person>({ ...init, service: 'hydra', path })).body);
  } catch (error) {
    if (isSdkError(error) && error.code === 'ERR_NOT_FOUND') return undefined;
    throw error;
  }
}

interface KnownPerson {
  readonly id: string;
  readonly name: string;
}
function known(person: Person | undefined): KnownPerson | undefined {
  const id = person && uuidOf('PEOPLE', person.id);
  return person && id !== undefined ? { id, name: person.displayName } : undefined;
}

async function toWords(
  host: Host,
  rendering: () => Promise<Render>,
  { text, markdown, html }: MessageDraft,
  init: CallInit | undefined,
): Promise<Partial<ActivityContent>> {
  if (!markdown && !html) return text ? { text } : {};
  const render = await rendering();
  const content = await render({ text, markdown, html }, (mention) => mentioned(host, mention, init));
  if (content === undefined)
    throw sdkError(
      'ERR_ARGUMENT',
      'messages: nothing is left to show, the html or markdown has no text. Give text, too.',
    );
  return {
    text: content.text,
    ...(content.html !== undefined && { html: content.html }),
    ...(content.people.length > 0 && { mentionedPeople: content.people }),
    ...(content.all && { mentionsAll: true }),
  };
}
