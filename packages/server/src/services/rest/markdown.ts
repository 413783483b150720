import markdownIt from 'markdown-it';
import sanitize from 'sanitize-html';

/** Who is meant by `<@…>`, once looked up. */
export interface Mention {
  readonly kind: 'personEmail' | 'personId' | 'all';
  readonly value: string;
  readonly label: string | undefined;
}
export type ResolvedMention = { readonly id: string; readonly label: string } | 'all' | undefined;

const renderer = markdownIt({ html: false, linkify: true, breaks: true });
const mentionTags = ['spark-mention', 'webex-mention'];
const mentionPattern = /<@(?:(personEmail|personId):([^|>\s]{1,500})|(all))(?:\|([^>]{0,500}))?>/g;

/** What may stand in a message: structure and links, nothing that runs and nothing that loads. */
export const sanitizeHtml = (html: string): string =>
  sanitize(html, {
    allowedTags: [
      ...[
        'p',
        'br',
        'strong',
        'b',
        'em',
        'i',
        'u',
        's',
        'del',
        'code',
        'pre',
        'blockquote',
        'hr',
        'span',
        'div',
      ],
      ...['ul', 'ol', 'li', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'a'],
      ...['table', 'thead', 'tbody', 'tr', 'th', 'td'],
      ...mentionTags,
    ],
    allowedAttributes: {
      a: ['href', 'title'],
      ol: ['start'],
      code: ['class'],
      ...Object.fromEntries(
        mentionTags.map((tag) => [
          tag,
          ['data-object-type', 'data-object-id', 'data-object-url', 'data-group-type'],
        ]),
      ),
    },
    allowedSchemes: ['http', 'https', 'mailto', 'tel'],
    allowProtocolRelative: false,
  });

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  nbsp: ' ',
};

/** Plain words of an HTML text. */
export function textOf(html: string): string {
  const lines = html
    .replace(/\n/g, ' ')
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/<\/(p|li|h[1-6]|blockquote|pre|div|tr)>/gi, '\n');
  return sanitize(lines, { allowedTags: [], allowedAttributes: {} })
    .replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (whole, name: string) => entities[name] ?? whole)
    .replace(/[ \t]*\n[ \t]*/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

export const escapeHtml = (plain: string): string => renderer.utils.escapeHtml(plain);

// characters of the private area stand for mentions while markdown is at work; strangers cannot bring them along
const withoutMarkers = (markdown: string): string => markdown.replace(/[\uE000\uE001]/g, '');

export function mentionsIn(markdown: string): readonly Mention[] {
  return [...withoutMarkers(markdown).matchAll(mentionPattern)].map(([, kind, value, all, label]) => ({
    kind: all === undefined ? (kind === 'personId' ? 'personId' : 'personEmail') : 'all',
    value: value ?? '',
    label: label === '' ? undefined : label,
  }));
}

/**
 * HTML of a markdown text, safe to show. Mentions that were resolved become elements, the others their label.
 *
 * @param resolved for each of {@link mentionsIn}, in order
 * @source protocol/hydra-rest.md §3.1
 */
export function renderMarkdown(markdown: string, resolved: readonly ResolvedMention[]): string {
  const clean = withoutMarkers(markdown);
  const labels: string[] = [];
  const marked = clean.replace(
    mentionPattern,
    (_, __: string, value: string | undefined, ___: string | undefined, label: string | undefined) => {
      const mention = resolved[labels.length];
      const shown = label !== undefined && label !== '' ? label : undefined;
      if (mention === 'all')
        labels.push(
          `<spark-mention data-object-type="groupMention" data-group-type="all">${escapeHtml(shown ?? 'All')}</spark-mention>`,
        );
      else if (mention === undefined) labels.push(escapeHtml(shown ?? value ?? ''));
      else
        labels.push(
          `<spark-mention data-object-type="person" data-object-id="${mention.id}">` +
            `${escapeHtml(shown ?? mention.label)}</spark-mention>`,
        );
      return `\uE000${String(labels.length - 1)}\uE001`;
    },
  );
  const html = renderer
    .render(marked)
    .trim()
    .replace(/\uE000(\d+)\uE001/g, (_, at: string) => labels[Number(at)] ?? '');
  return sanitizeHtml(html);
}
