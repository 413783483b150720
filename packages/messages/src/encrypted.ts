import { isSdkError, sdkError, type CallInit, type Host } from '@trunkline/core';
import { uuidOf, type ConversationPeer, type Message, type Person, type Words } from '@trunkline/wire';
import { toMessage } from './activity.js';
import { mentionedIn, renderMarkdown, textOf, type KnownPerson } from './markdown.js';
import type { MessageContent, MessageCreate } from './types.js';

/** Sends through the conversation engine, so that only ciphertext leaves. */
export async function postEncrypted(
  host: Host,
  peer: ConversationPeer,
  message: MessageCreate,
  init: CallInit | undefined,
): Promise<Message> {
  if (message.files?.length || message.attachments?.length)
    throw sdkError(
      'ERR_NO_ENCRYPTION',
      'files and cards cannot be encrypted yet; nothing was sent. Say `clear: true` to send this message by REST, readable to the service',
    );
  const parentId = message.parentId === undefined ? undefined : uuid('MESSAGE', message.parentId, 'parentId');
  const roomUuid = message.roomId
    ? uuid('ROOM', message.roomId, 'roomId')
    : await directRoom(host, peer, message, init);
  const words = await toWords(host, message, init);
  const activity = await peer.post(roomUuid, words, parentId === undefined ? {} : { parentId }, init);
  return toMessage(activity, host.clusterOf(activity.url));
}

/** New words through the conversation engine. */
export async function editEncrypted(
  host: Host,
  peer: ConversationPeer,
  change: MessageContent & { readonly id: string; readonly roomId: string },
  init: CallInit | undefined,
): Promise<Message> {
  const roomUuid = uuid('ROOM', change.roomId, 'roomId');
  const messageUuid = uuid('MESSAGE', change.id, 'id');
  const activity = await peer.edit(roomUuid, messageUuid, await toWords(host, change, init), init);
  return toMessage(activity, host.clusterOf(activity.url));
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
  peer: ConversationPeer,
  { toPersonId, toPersonEmail }: MessageCreate,
  init: CallInit | undefined,
): Promise<string> {
  if (toPersonId) return peer.direct(uuid('PEOPLE', toPersonId, 'toPersonId'), init);
  const person = await personByEmail(host, toPersonEmail ?? '', init);
  if (person === undefined)
    throw sdkError('ERR_NOT_FOUND', 'nobody you can see has the address in toPersonEmail; check it');
  return peer.direct(person.uuid, init);
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

async function toWords(host: Host, content: MessageContent, init: CallInit | undefined): Promise<Words> {
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
