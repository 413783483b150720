import {
  cardContentType,
  encodeId,
  isTooDeep,
  maxCardDepth,
  type Message,
  safeHtml,
  type WireObject,
} from '@trunkline/wire';
import { iso, messageId, personId, restBase, roomId, roomTypeOf } from '../../kernel/http/fields.js';
import { fields, isFields, items, text, texts } from '../../kernel/http/untrusted.js';
import type { Urls } from '../../kernel/http/urls.js';
import type { ConversationRecord, StoredActivity } from '../../modules/conversation/api.js';
import type { User } from '../../modules/identity/api.js';
import { recentResults } from '../recent-results.js';
import { inSlices } from '../slices.js';
import { readable, type Rest } from '../tools.js';

// inside, a mention holds a uuid; outside, a public id
const publicMentions = (html: string): string =>
  html.replace(
    /(data-object-id=")([a-f\d]{8}(?:-[a-f\d]{4}){3}-[a-f\d]{12})(")/g,
    (_, before: string, id: string, after: string) => before + personId(id) + after,
  );

const contentId = (activityId: string, index: number): string =>
  encodeId('CONTENT', `${activityId}/${String(index)}`);

/**
 * JSON that a client encrypted; undefined for what is not JSON, or nested so deep that no one could send it on. Anyone who
 * writes such a thing must not keep the others from reading their room.
 */
export function parseSealed(json: string | undefined): unknown {
  if (json === undefined || isTooDeep(json, maxCardDepth)) return undefined;
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

function cardsOf(cards: readonly (string | undefined)[]): NonNullable<Message['attachments']> {
  const shown: { contentType: string; content: unknown }[] = [];
  for (const card of cards) {
    const content = parseSealed(card);
    if (isFields(content)) shown.push({ contentType: cardContentType, content });
  }
  return shown;
}

/** Texts of a message in clear; one that cannot be decrypted is undefined. */
interface PlainContent {
  readonly displayName: string | undefined;
  readonly content: string | undefined;
  readonly markdown: string | undefined;
  readonly cards: readonly (string | undefined)[];
}

async function decrypted(
  rest: Rest,
  content: StoredActivity,
  { keyUrl, object }: StoredActivity,
): Promise<PlainContent> {
  const read = (name: string): Promise<string | undefined> =>
    readable(rest, content.keyUrl, text(content.object[name]));
  const cards: (string | undefined)[] = [];
  for (const card of texts(object.cards)) cards.push(await readable(rest, keyUrl, card));
  return {
    displayName: await read('displayName'),
    content: await read('content'),
    markdown: await read('markdown'),
    cards,
  };
}

/** The content of an object that was submitted in clear, as decrypting what is stored would return it. */
export const submittedContent = (object: WireObject): PlainContent => ({
  displayName: text(object.displayName),
  content: text(object.content),
  markdown: text(object['markdown']),
  cards: texts(object.cards),
});

// what clients encrypted was never cleaned, and a list is read again and again
const clean = recentResults(safeHtml, 16 * 1024 * 1024);

/** The files of a message as it is now: an edit may name others. */
export const filesOf = (message: StoredActivity, edit: StoredActivity | undefined): StoredActivity =>
  edit?.object.files === undefined ? message : edit;

/**
 * A message as REST shows it: in clear, with the content of its last edit. What cannot be decrypted is left out.
 *
 * @param known `plain`: the content, where the caller has it and nothing needs to be decrypted
 */
export async function showMessage(
  rest: Rest,
  message: StoredActivity,
  conversation: ConversationRecord,
  author: User | undefined,
  urls: Urls,
  known: { readonly edit?: StoredActivity | undefined; readonly plain?: PlainContent } = {},
): Promise<Message> {
  const { edit } = known;
  const content = edit ?? message;
  const withCards = edit?.object.cards === undefined ? message : edit;
  const plain = known.plain ?? (await decrypted(rest, content, withCards));
  const { content: html, displayName, markdown } = plain;
  const mentioned = items(content.object.mentions).flatMap((entry) => text(fields(entry)['id']) ?? []);
  const groups = items(content.object.groupMentions).flatMap(
    (entry) => text(fields(entry)['groupType']) ?? [],
  );
  const files = items(filesOf(message, edit).object.files);
  const cards = cardsOf(plain.cards);
  return {
    id: messageId(message.id),
    roomId: roomId(conversation.id),
    roomType: roomTypeOf(conversation),
    ...(displayName === undefined ? {} : { text: displayName }),
    ...(markdown === undefined ? {} : { markdown }),
    ...(html === undefined ? {} : { html: publicMentions(clean(html)) }),
    ...(files.length === 0
      ? {}
      : {
          files: files.map((_, index) => `${urls.base}${restBase}/contents/${contentId(message.id, index)}`),
        }),
    personId: personId(message.actorId),
    personEmail: author?.email ?? '',
    ...(mentioned.length === 0 ? {} : { mentionedPeople: mentioned.map(personId) }),
    ...(groups.length === 0 ? {} : { mentionedGroups: groups }),
    ...(cards.length === 0 ? {} : { attachments: cards }),
    ...(message.parent?.type === 'reply' ? { parentId: messageId(message.parent.id) } : {}),
    created: iso(message.publishedMs),
    ...(edit === undefined ? {} : { updated: iso(edit.publishedMs) }),
  };
}

/** Several of one conversation. */
export async function showMessages(
  rest: Rest,
  messages: readonly StoredActivity[],
  conversation: ConversationRecord,
  urls: Urls,
): Promise<readonly Message[]> {
  const edits = await rest.conversations.reads.edits(messages.map((message) => message.id));
  const users = await rest.identity.usersByIds([...new Set(messages.map((message) => message.actorId))]);
  return inSlices(messages, (message) =>
    showMessage(rest, message, conversation, users.get(message.actorId), urls, {
      edit: edits.get(message.id)?.latest,
    }),
  );
}
