import { escapeHtml as escape, safeHtml } from './safe-html.js';

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
 * A small part of Markdown as HTML: bold, italic, struck, code, links to http, https and mailto, mentions, line breaks,
 * headings, lists, quotations, rules. Needed where the service must not see the text and so cannot render it. Everything is escaped first, so
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
  text = blocks(escape(text).split(/\r?\n/), (line) => inline(line, aside));
  // what was put aside may hold what was put aside before it
  while (text.includes('\0'))
    text = text.replace(/\0(\d+)\0/g, (_, index: string) => done[Number(index)] ?? '');
  return { html: safeHtml(text), mentions: { people: [...people], all } };
}

/** Words within a line: links first, whose addresses nothing else must touch. */
function inline(line: string, aside: (html: string) => string): string {
  const link = (url: string, label: string): string =>
    `${aside(`<a href="${url}">`)}${label}${aside('</a>')}`;
  return (
    line
      // the label may hold further marks
      .replace(/\[([^\]\n]+)\]\(((?:https?:\/\/|mailto:)[^\s()\0]+)\)/gi, (_, label: string, url: string) =>
        link(url, label),
      )
      .replace(/(^\(?|\s\(?)(https?:\/\/[^\s\0<>]+)/gi, (_, before: string, found: string) => {
        // what ends a sentence, or a quotation, is not the address's
        const url = found.replace(/(?:&(?:gt|lt|quot|#39);.*|[.,;:!?)\]*_]+)$/, '');
        return `${before}${link(url, aside(url))}${found.slice(url.length)}`;
      })
      .replace(/(\*\*|__)(?=\S)([^\n]*?\S)\1/g, '<strong>$2</strong>')
      .replace(/~~(?=\S)([^\n]*?\S)~~/g, '<del>$1</del>')
      .replace(/(^|[^\w*])\*(?=[^\s*])([^*\n]*?[^\s*])\*(?!\w)/g, '$1<em>$2</em>')
      .replace(/(^|[^\w_])_(?=[^\s_])([^_\n]*?[^\s_])_(?!\w)/g, '$1<em>$2</em>')
  );
}

const maxDepth = 8;
const item = /^ ?(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;

/** Headings, quotations, lists and rules; other lines stay lines. `lines` are escaped, so a quotation begins with `&gt;`. */
function blocks(lines: readonly string[], show: (line: string) => string, depth = 0): string {
  let out = '';
  let isBlock = true as boolean;
  const add = (html: string, asBlock: boolean): void => {
    // a line after a line; blocks stand by themselves
    out += isBlock || asBlock ? html : `<br/>${html}`;
    isBlock = asBlock;
  };
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const [, marks, title] = /^(#{1,6}) +(.+)$/.exec(line) ?? [];
    const take = (belongs: (next: string) => boolean): readonly string[] => {
      const from = at;
      while (at + 1 < lines.length && belongs(lines[at + 1] ?? '')) at += 1;
      return lines.slice(from, at + 1);
    };
    if (marks !== undefined && title !== undefined) {
      const name = `h${String(marks.length)}`;
      add(`<${name}>${show(title)}</${name}>`, true);
    } else if (/^(?:-{3,}|\*{3,}|_{3,})$/.test(line)) add('<hr/>', true);
    else if (depth < maxDepth && line.startsWith('&gt;')) {
      const inside = take((next) => next.startsWith('&gt;')).map((each) => each.replace(/^&gt; ?/, ''));
      add(`<blockquote>${blocks(inside, show, depth + 1)}</blockquote>`, true);
    } else if (depth < maxDepth && item.test(line)) {
      const first = (item.exec(line) as readonly (string | undefined)[] | null)?.[1];
      const kind = first === undefined ? 'ul' : 'ol';
      const isMine = (next: string) => (item.exec(next)?.[1] === undefined) === (first === undefined);
      let html = '';
      let inside: string[] = [];
      const end = (): void => {
        if (inside.length > 0) html += `<li>${blocks(inside, show, depth + 1)}</li>`;
      };
      for (const each of take((next) => /^ {2,}\S/.test(next) || (item.test(next) && isMine(next)))) {
        const begins = /^ {2,}/.test(each) ? null : item.exec(each);
        if (begins !== null) {
          end();
          inside = [begins[2] ?? ''];
        } else inside.push(each.replace(/^ {2,4}/, ''));
      }
      end();
      const start = first === undefined || first === '1' ? '' : ` start="${first}"`;
      add(`<${kind}${start}>${html}</${kind}>`, true);
    } else if (line !== '' || !isBlock) add(show(line), false);
  }
  return out;
}

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
