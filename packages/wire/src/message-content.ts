// What a message says, made the same way by the service (REST) and by a client that encrypts.
import { cutToBytes, maxTextBytes } from './content-limits.js';
import { htmlToText } from './html-text.js';
import {
  mentionedBy,
  mentionAttributes,
  type ParsedContent,
  type ParseMarkdown,
  type ResolvedMention,
  type WrittenMention,
} from './markdown.js';
import { escapeHtml, safeHtml } from './safe-html.js';

/** As an author gives it: `''`, `null` and what is missing are the same. `markdown` wins over `html`. */
export interface GivenContent {
  readonly text?: string | null | undefined;
  readonly markdown?: string | null | undefined;
  readonly html?: string | null | undefined;
}
/** As it is sent. */
export interface MessageContent {
  readonly text: string;
  readonly html?: string;
  readonly markdown?: string;
  /** uuids */
  readonly people: readonly string[];
  readonly all: boolean;
}

/**
 * Makes plain text, safe HTML and mentions out of what an author gives. Without `text`, it is what a person reads of the
 * HTML. Markdown that shows nothing is sent as it is written.
 *
 * @param options.parse    makes the markdown parser; called only when there is markdown
 * @param options.resolve  looks up who a mention means; called once for each different mention
 * @returns undefined when nothing is left to show: all fields empty, or HTML without any text
 */
export async function messageContent(
  given: GivenContent,
  options: {
    readonly parse: () => ParseMarkdown | Promise<ParseMarkdown>;
    readonly resolve: (mention: WrittenMention) => Promise<ResolvedMention>;
  },
): Promise<MessageContent | undefined> {
  const text = given.text ? given.text : undefined;
  const plain = text === undefined ? undefined : { text, people: [], all: false };
  const markdown = given.markdown?.trim() ? given.markdown : undefined;
  if (markdown === undefined && !given.html) return plain;
  const parsed = markdown === undefined ? parseHtml(given.html ?? '') : (await options.parse())(markdown);
  const { html, people, all } = parsed.render(await resolveAll(parsed.mentions, options.resolve));
  const shown = htmlToText(html);
  if (markdown === undefined)
    return shown === '' ? plain : { text: text ?? cutToBytes(shown, maxTextBytes), html, people, all };
  return {
    text: text ?? cutToBytes(shown === '' ? markdown : shown, maxTextBytes),
    html: html === '' ? escapeHtml(markdown) : html,
    markdown,
    people,
    all,
  };
}

async function resolveAll(
  mentions: readonly WrittenMention[],
  resolve: (mention: WrittenMention) => Promise<ResolvedMention>,
): Promise<readonly ResolvedMention[]> {
  const known = new Map<string, ResolvedMention>();
  const resolved: ResolvedMention[] = [];
  for (const mention of mentions) {
    const key = `${mention.kind}:${mention.value}:${mention.label === undefined ? '' : 'labelled'}`;
    if (!known.has(key)) known.set(key, mention.kind === 'all' ? 'all' : await resolve(mention));
    resolved.push(known.get(key));
  }
  return resolved;
}

const tag = /<(\/?)([a-z\d-]+)((?: [a-z-]+="[^"]*")*)\/?>/g;
const attribute = (attributes: string, name: string): string | undefined =>
  new RegExp(` ${name}="([^"]*)"`).exec(attributes)?.[1];

/** HTML of an author: made safe, its mention elements found, also `webex-mention`; those in code or links are text. */
export function parseHtml(given: string): ParsedContent {
  const html = safeHtml(given);
  const mentions: WrittenMention[] = [];
  /** pieces of the HTML; a number stands for a start tag of `mentions` */
  const pieces: (string | number)[] = [];
  /** tags of `mentions` */
  const names: string[] = [];
  /** which mention elements are open: those that mention no one are left out */
  const open: boolean[] = [];
  let shut = 0;
  let from = 0;
  for (const match of html.matchAll(tag)) {
    const [whole, slash = '', name = '', attributes = ''] = match;
    const isEnd = slash !== '';
    if (name === 'code' || name === 'pre' || name === 'a') shut += isEnd ? -1 : 1;
    if (!name.endsWith('-mention')) continue;
    pieces.push(html.slice(from, match.index));
    from = match.index + whole.length;
    if (isEnd) {
      if (open.pop() === true) pieces.push(whole);
      continue;
    }
    const mention = shut > 0 || open.includes(true) ? undefined : mentionIn(attributes);
    open.push(mention !== undefined);
    if (mention === undefined) continue;
    names.push(name);
    pieces.push(mentions.push(mention) - 1);
  }
  pieces.push(html.slice(from));
  return {
    mentions,
    render: (resolved) => ({
      // an element that turned out to mention no one stays, without saying whom
      html: pieces
        .map((piece) =>
          typeof piece === 'string' ? piece : `<${names[piece] ?? ''}${mentionAttributes(resolved[piece])}>`,
        )
        .join(''),
      ...mentionedBy(resolved),
    }),
  };
}

function mentionIn(attributes: string): WrittenMention | undefined {
  if (attribute(attributes, 'data-group-type') === 'all') return { kind: 'all', value: '', label: undefined };
  const value = attribute(attributes, 'data-object-id');
  // its text is in the element: no name has to be looked up
  return value === undefined || value === '' ? undefined : { kind: 'personId', value, label: '' };
}
