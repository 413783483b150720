import { uuidOf, type WireObject } from '@trunkline/wire';
import type { MessageText } from './message-body.js';
import {
  escapeHtml,
  mentionsIn,
  renderMarkdown,
  sanitizeHtml,
  textOf,
  type ResolvedMention,
} from './markdown.js';
import { findPerson, type Rest } from './tools.js';

type Words = Pick<WireObject, 'displayName' | 'content' | 'mentions' | 'groupMentions'> & {
  readonly markdown?: string;
};

/** Who is meant: only people who are in the room can be. */
async function resolve(
  rest: Rest,
  markdown: string,
  conversationId: string,
): Promise<readonly ResolvedMention[]> {
  const mentions = mentionsIn(markdown);
  if (mentions.length === 0) return [];
  const members = new Set(
    (await rest.conversations.reads.participants(conversationId)).map(({ userId }) => userId),
  );
  const resolved: ResolvedMention[] = [];
  for (const { kind, value } of mentions) {
    if (kind === 'all') {
      resolved.push('all');
      continue;
    }
    const id = kind === 'personId' ? uuidOf('PEOPLE', value) : undefined;
    const user =
      kind === 'personId' && id === undefined
        ? undefined
        : await findPerson(rest, { id, email: kind === 'personEmail' ? value : undefined });
    resolved.push(
      user !== undefined && members.has(user.id) ? { id: user.id, label: user.display_name } : undefined,
    );
  }
  return resolved;
}

/** The object of a message in clear; it is encrypted where it is submitted. @source protocol/hydra-rest.md §3, §3.1 */
export async function wordsOf(rest: Rest, given: MessageText, conversationId: string): Promise<Words> {
  const { text, markdown } = given;
  if (markdown === undefined) {
    if (given.html === undefined) return text === undefined ? {} : { displayName: text };
    const html = sanitizeHtml(given.html);
    return { displayName: text ?? textOf(html), content: html };
  }
  const resolved = await resolve(rest, markdown, conversationId);
  const html = renderMarkdown(markdown, resolved);
  const people = [...new Set(resolved.flatMap((mention) => (typeof mention === 'object' ? mention.id : [])))];
  return {
    displayName: text ?? textOf(html),
    content: html === '' ? escapeHtml(markdown) : html,
    markdown,
    ...(people.length === 0
      ? {}
      : { mentions: { items: people.map((id) => ({ id, objectType: 'person' as const })) } }),
    ...(resolved.includes('all')
      ? { groupMentions: { items: [{ groupType: 'all', objectType: 'groupMention' }] } }
      : {}),
  };
}
