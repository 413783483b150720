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

const isMember = async ({ conversations }: Rest, conversationId: string, userId: string): Promise<boolean> =>
  (await conversations.reads.membership(conversationId, userId)) !== undefined;

/** Who is meant: only people who are in the room can be. */
async function resolve(
  rest: Rest,
  markdown: string,
  conversationId: string,
): Promise<readonly ResolvedMention[]> {
  const mentions = mentionsIn(markdown);
  if (mentions.length === 0) return [];
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
    const isIn = user !== undefined && (await isMember(rest, conversationId, user.id));
    resolved.push(isIn ? { id: user.id, label: user.display_name } : undefined);
  }
  return resolved;
}

const mentionsOf = (people: readonly string[], all: boolean): Pick<Words, 'mentions' | 'groupMentions'> => ({
  ...(people.length === 0
    ? {}
    : { mentions: { items: people.map((id) => ({ id, objectType: 'person' as const })) } }),
  ...(all ? { groupMentions: { items: [{ groupType: 'all', objectType: 'groupMention' }] } } : {}),
});

const personOf = (attributes: string): string | undefined =>
  uuidOf('PEOPLE', /data-object-id="([^"]*)"/.exec(attributes)?.[1] ?? '');
const mentionElement = /<(spark-mention|webex-mention)((?:\s+[a-z-]+="[^"]*")*)\s*>/g;

/**
 * Who is meant by elements of an HTML text. Inside they hold uuids; those of people who are not in the room lose theirs.
 *
 * @param html out of {@link sanitizeHtml}, which writes all attributes in one way
 */
async function mentionedIn(
  rest: Rest,
  html: string,
  conversationId: string,
): Promise<{ readonly html: string; readonly people: readonly string[]; readonly all: boolean }> {
  if (!html.includes('-mention')) return { html, people: [], all: false };
  const members = new Set<string>();
  for (const [, , attributes = ''] of html.matchAll(mentionElement)) {
    const id = personOf(attributes);
    if (id !== undefined && (await isMember(rest, conversationId, id))) members.add(id);
  }
  const people = new Set<string>();
  let all = false;
  const known = html.replace(mentionElement, (_, tag: string, attributes: string) => {
    if (attributes.includes('data-group-type="all"')) {
      all = true;
      return `<${tag} data-object-type="groupMention" data-group-type="all">`;
    }
    const id = personOf(attributes);
    if (id === undefined || !members.has(id)) return `<${tag}>`;
    people.add(id);
    return `<${tag} data-object-type="person" data-object-id="${id}">`;
  });
  return { html: known, people: [...people], all };
}

/** The object of a message in clear; it is encrypted where it is submitted. @source protocol/hydra-rest.md §3, §3.1 */
export async function wordsOf(rest: Rest, given: MessageText, conversationId: string): Promise<Words> {
  const { text, markdown } = given;
  if (markdown === undefined) {
    if (given.html === undefined) return text === undefined ? {} : { displayName: text };
    const { html, people, all } = await mentionedIn(rest, sanitizeHtml(given.html), conversationId);
    return { displayName: text ?? textOf(html), content: html, ...mentionsOf(people, all) };
  }
  const resolved = await resolve(rest, markdown, conversationId);
  const html = renderMarkdown(markdown, resolved);
  const people = [...new Set(resolved.flatMap((mention) => (typeof mention === 'object' ? mention.id : [])))];
  return {
    displayName: text ?? textOf(html),
    content: html === '' ? escapeHtml(markdown) : html,
    markdown,
    ...mentionsOf(people, resolved.includes('all')),
  };
}
