/** Who is mentioned: uuids, and whether everybody is. */
export interface Mentions {
  readonly people: readonly string[];
  readonly all: boolean;
}
/** Somebody a text mentions; `name` stands where the text gives no label. */
export interface KnownPerson {
  readonly uuid: string;
  readonly name?: string;
}
/** The person by `personId:…` or `personEmail:…` as written in a mention; undefined when nobody is known by it. */
export type ResolvePerson = (reference: string) => KnownPerson | undefined;

const mention = /<@(all|personId:[^|>\s]+|personEmail:[^|>\s]+)(?:\|([^>\n]*))?>/g;

/** The people a text mentions, as written: `personId:…`, `personEmail:…`; and whether a label is missing anywhere. */
export function mentionedIn(markdown: string): ReadonlyMap<string, { readonly nameless: boolean }> {
  const people = new Map<string, { readonly nameless: boolean }>();
  for (const [, who, label] of markdown.matchAll(mention))
    if (who !== undefined && who !== 'all')
      people.set(who, { nameless: !label || people.get(who)?.nameless === true });
  return people;
}

/**
 * A small part of Markdown as HTML: bold, italic, code, fenced code, links to http, https and mailto, mentions, line
 * breaks. Needed where the service must not see the text and so cannot render it. Everything is escaped first, so
 * nothing a person wrote becomes a tag or an attribute of its own.
 *
 * @source protocol/hydra-rest.md §3.1
 */
export function renderMarkdown(
  markdown: string,
  resolve: ResolvePerson,
): { html: string; mentions: Mentions } {
  const people = new Set<string>();
  let all = false;
  // what is done with is put aside behind a mark that cannot be typed: NUL is dropped from the input
  const done: string[] = [];
  const aside = (html: string): string => `\0${String(done.push(html) - 1)}\0`;

  let text = markdown.replace(/\0/g, '');
  text = text.replace(/```(?:[\w-]*\n)?([\s\S]*?)```/g, (_, code: string) =>
    aside(`<pre><code>${escape(code)}</code></pre>`),
  );
  text = text.replace(/`([^`\n]+)`/g, (_, code: string) => aside(`<code>${escape(code)}</code>`));
  text = text.replace(mention, (_, who: string, label: string | undefined) => {
    if (who === 'all') {
      all = true;
      const kind = 'data-object-type="groupMention" data-group-type="all"';
      return aside(`<spark-mention ${kind}>${escape(label ? label : 'All')}</spark-mention>`);
    }
    const person = resolve(who);
    const shown = escape(label ? label : (person?.name ?? who.slice(who.indexOf(':') + 1)));
    if (person === undefined) return aside(shown);
    people.add(person.uuid);
    return aside(
      `<spark-mention data-object-type="person" data-object-id="${escape(person.uuid)}">${shown}</spark-mention>`,
    );
  });
  text = escape(text);
  text = text.replace(
    /\[([^\]\n]+)\]\(((?:https?:\/\/|mailto:)[^\s()\0]+)\)/gi,
    (_, label: string, url: string) =>
      // the label may hold further marks, the address must not be touched again
      `${aside(`<a href="${url}">`)}${label}${aside('</a>')}`,
  );
  text = text.replace(/(\*\*|__)(?=\S)([^\n]*?\S)\1/g, '<strong>$2</strong>');
  text = text.replace(/(^|[^\w*])\*(?=[^\s*])([^*\n]*?[^\s*])\*(?!\w)/g, '$1<em>$2</em>');
  text = text.replace(/(^|[^\w_])_(?=[^\s_])([^_\n]*?[^\s_])_(?!\w)/g, '$1<em>$2</em>');
  text = text.replace(/\r?\n/g, '<br/>');
  // what was put aside may hold what was put aside before it
  while (text.includes('\0'))
    text = text.replace(/\0(\d+)\0/g, (_, index: string) => done[Number(index)] ?? '');
  return { html: text, mentions: { people: [...people], all } };
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');

/** The words of an HTML text, for those who show no HTML. */
export function textOf(html: string): string {
  const known: Readonly<Record<string, string>> = {
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    '#39': "'",
    nbsp: ' ',
  };
  return html
    .replace(/<br\s*\/?>|<\/(?:p|div|li|h\d|pre|blockquote)>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_, name: string) => known[name] ?? '')
    .trim();
}
