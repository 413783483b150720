// The one dialect of Markdown in messages: CommonMark with tables, strikethrough, autolinks and line breaks, as markdown-it
// reads it with these settings. The library itself is given by the caller, so that this package depends on nothing.
import { escapeHtml, safeHtml } from './safe-html.js';

/** A mention as it is written: `<@personEmail:…|Label>`, `<@personId:…>`, `<@all>`. */
export interface WrittenMention {
  readonly kind: 'personEmail' | 'personId' | 'all';
  /** email address or id; empty for `all` */
  readonly value: string;
  readonly label: string | undefined;
}
/** Who a mention means; undefined: no one, and its label stays as text. */
export type ResolvedMention = { readonly id: string; readonly name?: string } | 'all' | undefined;

/** Content whose structure is known and whose mentions are to be looked up. */
export interface ParsedContent {
  /** in order; never in code, links or images */
  readonly mentions: readonly WrittenMention[];
  /** Renders the content as HTML. @param resolved one for each of `mentions` */
  readonly render: (resolved: readonly ResolvedMention[]) => RenderedContent;
}
export interface RenderedContent {
  /** safe to show, see `safeHtml` */
  readonly html: string;
  /** uuids of the mentioned people, each once */
  readonly people: readonly string[];
  /** whether everyone in the room is mentioned */
  readonly all: boolean;
}
export type ParseMarkdown = (markdown: string) => ParsedContent;

/** Attributes of a mention element, with a leading blank; empty when it mentions no one. */
export function mentionAttributes(mention: ResolvedMention): string {
  if (mention === undefined) return '';
  return mention === 'all'
    ? ' data-object-type="groupMention" data-group-type="all"'
    : ` data-object-type="person" data-object-id="${escapeHtml(mention.id)}"`;
}

/** Of what was resolved: who is mentioned. */
export function mentionedBy(resolved: readonly ResolvedMention[]): Omit<RenderedContent, 'html'> {
  const people = new Set(resolved.flatMap((mention) => (typeof mention === 'object' ? mention.id : [])));
  return { people: [...people], all: resolved.includes('all') };
}

// what is used of markdown-it
interface Token {
  readonly type: string;
  content: string;
  meta: unknown;
  readonly children: Token[] | null;
  attrGet(name: string): string | null;
}
interface InlineState {
  readonly src: string;
  readonly linkLevel: number;
  pos: number;
  push(type: string, tag: string, nesting: 0): Token;
}
type Rule = (tokens: Token[], index: number) => string;
interface Library {
  readonly inline: {
    readonly ruler: {
      before(name: string, own: string, rule: (state: InlineState, silent: boolean) => boolean): void;
    };
  };
  readonly renderer: {
    readonly rules: Record<string, Rule | undefined>;
    render(tokens: Token[], options: unknown, env: object): string;
  };
  readonly options: unknown;
  parse(source: string, env: object): Token[];
}
/** The default export of `markdown-it`, version 14. */
export type MarkdownIt = (options: {
  readonly html: boolean;
  readonly linkify: boolean;
  readonly breaks: boolean;
}) => object;

const mentionAt = /<@(?:(personEmail|personId):([^|>\s]{1,500})|(all))(?:\|([^>\n]{0,500}))?>/y;

/**
 * Makes the parser of message markdown out of markdown-it. Mentions are part of its grammar, so `<@…>` in code, in a link
 * or in an attribute is text. Images become their `alt` text, without one a link to the image.
 *
 * @example createMarkdown(markdownIt)('**hi** <@all>').render(['all']).html;
 */
export function createMarkdown(markdownIt: MarkdownIt): ParseMarkdown {
  const library = markdownIt({ html: false, linkify: true, breaks: true }) as Library;
  const { rules } = library.renderer;

  library.inline.ruler.before('autolink', 'mention', (state, silent) => {
    mentionAt.lastIndex = state.pos;
    const [all, kind, value = '', everyone, label] = mentionAt.exec(state.src) ?? [];
    if (all === undefined) return false;
    if (!silent) {
      const mention: WrittenMention = {
        kind: everyone === undefined ? (kind === 'personId' ? 'personId' : 'personEmail') : 'all',
        value,
        label: label === '' ? undefined : label,
      };
      const token = state.push(state.linkLevel > 0 ? 'text' : 'mention', '', 0);
      token.content = mention.label ?? (everyone === undefined ? value : 'All');
      token.meta = { mention };
    }
    state.pos += all.length;
    return true;
  });
  rules['mention'] = (tokens, index) => {
    const token = tokens[index];
    const { resolved } = token?.meta as MentionMeta;
    const { label } = (token?.meta as MentionMeta).mention;
    const name = typeof resolved === 'object' ? resolved.name : undefined;
    const text = escapeHtml(label ?? name ?? token?.content ?? '');
    return resolved === undefined
      ? text
      : `<spark-mention${mentionAttributes(resolved)}>${text}</spark-mention>`;
  };
  rules['image'] = (tokens, index) => {
    const image = tokens[index];
    const alt = textOf(image?.children ?? []);
    if (alt.trim() !== '') return escapeHtml(alt);
    const address = escapeHtml(image?.attrGet('src') ?? '');
    const { inLink = false } = (image?.meta ?? {}) as { inLink?: boolean };
    return inLink ? address : `<a href="${address}">${address}</a>`;
  };

  return (markdown) => {
    const env = {};
    const tokens = library.parse(markdown, env);
    const found: MentionMeta[] = [];
    for (const { children } of tokens) {
      let links = 0;
      for (const child of children ?? []) {
        if (child.type === 'link_open') links += 1;
        else if (child.type === 'link_close') links -= 1;
        else if (child.type === 'image') child.meta = { inLink: links > 0 };
        else if (child.type === 'mention') found.push(child.meta as MentionMeta);
      }
    }
    return {
      mentions: found.map(({ mention }) => mention),
      render(resolved) {
        for (const [at, meta] of found.entries()) meta.resolved = resolved[at];
        const html = library.renderer.render(tokens, library.options, env).trim();
        return { html: safeHtml(html), ...mentionedBy(resolved) };
      },
    };
  };
}

interface MentionMeta {
  readonly mention: WrittenMention;
  resolved?: ResolvedMention;
}

/** Text of the description of an image. */
const textOf = (tokens: readonly Token[]): string =>
  tokens
    .map(({ type, content, children }) => {
      if (type === 'image') return textOf(children ?? []);
      return type === 'softbreak' || type === 'hardbreak' ? ' ' : content;
    })
    .join('');
