import { isSdkError, sdkError, type CallInit, type Host } from '@trunkline/core';
import {
  decodeId,
  uuidOf,
  type ConversationPeer,
  type EncryptionPeer,
  type MessageDraft,
  type MessagePeer,
  type Person,
  type Words,
} from '@trunkline/wire';
import { mentionedIn, renderMarkdown, textOf, type KnownPerson } from './markdown.js';
import { toMessage } from './public-message.js';
import { readActivity } from './fields.js';
import { boundsOf } from './share/bounds.js';
import type { ShareInput } from './share/types.js';
import type { Conversation, ReadableActivity } from './types.js';

/** Messages in the terms of the public API, sent and read by the engine. */
export function createMessages(
  host: Host,
  engine: Pick<Conversation, 'post' | 'edit' | 'direct' | 'share' | 'download'>,
  encryption: () => EncryptionPeer | undefined,
): MessagePeer & { readonly prepare: () => void } {
  let hydraUrl: string | undefined;
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
      const words = { ...(await toWords(host, message, bounds)), ...(cards.length > 0 && { cards }) };
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
        throw sdkError('ERR_ARGUMENT', 'this is no address of a file of a message; take it from its files');
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
      return read(await engine.edit(roomUuid, messageUuid, await toWords(host, message, init), init));
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
      `${field} is no id of the right kind; take it from the SDK as it is, or give the uuid`,
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
    throw sdkError('ERR_NOT_FOUND', 'nobody you can see has the address in toPersonEmail; check it');
  return engine.direct(person.uuid, init);
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

async function personById(
  host: Host,
  id: string,
  nameless: boolean,
  init: CallInit | undefined,
): Promise<KnownPerson | undefined> {
  const uuid = uuidOf('PEOPLE', id);
  // whoever writes a label spares the question
  if (uuid === undefined || !nameless) return uuid === undefined ? undefined : { uuid };
  try {
    const path = `people/${encodeURIComponent(id)}`;
    return known((await host.request<Person>({ ...init, service: 'hydra', path })).body);
  } catch (error) {
    if (isSdkError(error) && error.code === 'ERR_NOT_FOUND') return undefined;
    throw error;
  }
}

function known(person: Person | undefined): KnownPerson | undefined {
  const uuid = person && uuidOf('PEOPLE', person.id);
  return person && uuid !== undefined ? { uuid, name: person.displayName } : undefined;
}

async function toWords(host: Host, content: MessageDraft, init: CallInit | undefined): Promise<Words> {
  const { text, markdown, html } = content;
  if (!markdown) return html ? { text: text ?? textOf(html), html } : { text: text ?? '' };
  const people = new Map<string, KnownPerson | undefined>();
  for (const [reference, { nameless }] of mentionedIn(markdown)) {
    const value = reference.slice(reference.indexOf(':') + 1);
    const isId = reference.startsWith('personId:');
    const person = isId ? personById(host, value, nameless, init) : personByEmail(host, value, init);
    people.set(reference, await person);
  }
  const rendered = renderMarkdown(markdown, (reference) => people.get(reference));
  return {
    // for those who show no HTML: words, as the service itself would derive them
    text: text ?? (textOf(rendered.html) || markdown),
    html: rendered.html,
    ...(rendered.mentions.people.length > 0 && { mentionedPeople: rendered.mentions.people }),
    ...(rendered.mentions.all && { mentionsAll: true }),
  };
}
