import { maxHtmlBytes, uuidOf, type WireObject } from '@trunkline/wire';
import { messageContent, type ResolvedMention, type WrittenMention } from '@trunkline/wire/content';
import { badRequest } from '../../kernel/http/errors.js';
import { findPerson, type Rest } from '../tools.js';
import { parseMarkdown } from './markdown.js';
import type { MessageText } from './message-body.js';

type Words = Pick<WireObject, 'displayName' | 'content' | 'mentions' | 'groupMentions'> & {
  readonly markdown?: string;
};

/** Who is meant: only people who are in the room can be. */
async function resolve(
  rest: Rest,
  { kind, value }: WrittenMention,
  conversationId: string,
): Promise<ResolvedMention> {
  const id = kind === 'personId' ? uuidOf('PEOPLE', value) : undefined;
  if (kind === 'personId' && id === undefined) return undefined;
  const user = await findPerson(rest, { id, email: kind === 'personEmail' ? value : undefined });
  if (user === undefined) return undefined;
  const isMember = (await rest.conversations.reads.membership(conversationId, user.id)) !== undefined;
  return isMember ? { id: user.id, name: user.display_name } : undefined;
}

/**
 * The object of a message in clear; it is encrypted where it is submitted.
 *
 * @throws ApiError 400 when text was given and none of it can be shown
 * @source protocol/hydra-rest.md §3, §3.1
 */
export async function contentOf(rest: Rest, given: MessageText, conversationId: string): Promise<Words> {
  const { text, markdown, html } = given;
  if (text === undefined && markdown === undefined && html === undefined) return {};
  const content = await messageContent(given, {
    parse: () => parseMarkdown,
    resolve: (mention) => resolve(rest, mention, conversationId),
  });
  if (content === undefined)
    throw badRequest('Nothing is left to show: the html or markdown has no text. Give text, too.');
  if (content.html !== undefined && Buffer.byteLength(content.html) > maxHtmlBytes)
    throw badRequest(`The markdown becomes more than ${String(maxHtmlBytes)} bytes of HTML. Shorten it.`);
  const { people, all } = content;
  return {
    displayName: content.text,
    ...(content.html === undefined ? {} : { content: content.html }),
    ...(content.markdown === undefined ? {} : { markdown: content.markdown }),
    ...(people.length === 0
      ? {}
      : { mentions: { items: people.map((id) => ({ id, objectType: 'person' as const })) } }),
    ...(all ? { groupMentions: { items: [{ groupType: 'all', objectType: 'groupMention' }] } } : {}),
  };
}
