// HTML of strangers made harmless without a DOM: read as tokens, written anew from a list of what may stay. What is
// written is never a piece of the input but a tag of the list, an attribute of the list, or text without `<`.
// Each character is looked at a bounded number of times. Why not a library: docs/decisions/0020-safe-html.md

/** What may stay, and its attributes: structure, links and mentions; nothing that runs, nothing that loads. */
const attributesOf = new Map<string, readonly string[]>();
const none: readonly string[] = [];
for (const name of (
  'p br strong b em i u s del code pre blockquote hr span div ul ol li h1 h2 h3 h4 h5 h6 a ' +
  'table thead tbody tr th td'
).split(' '))
  attributesOf.set(name, none);
attributesOf.set('a', ['href', 'title']).set('ol', ['start']).set('code', ['class']);
for (const name of ['spark-mention', 'webex-mention'])
  attributesOf.set(name, ['data-object-type', 'data-object-id', 'data-object-url', 'data-group-type']);

/** What is inside these is no text for readers. */
const dropped = new Set(
  'script style textarea title xmp iframe noembed noframes noscript template option'.split(' '),
);
const isVoid = (name: string): boolean => name === 'br' || name === 'hr';
/** One of these ends the one before it. */
const siblings = new Set(['p', 'li', 'tr', 'td', 'th']);
/** deeper than this nobody means it, and browsers slow down */
const maxDepth = 100;

/**
 * The same HTML without anything that could run, load or break out of its place: unknown elements are left out and
 * their text stays, links go to http, https and mailto only, elements are closed. Idempotent.
 */
export function safeHtml(html: string): string {
  if (!html.includes('<') && !html.includes('&')) return html;
  const open: string[] = [];
  let out = '';
  let at = 0;
  const close = (name: string): void => {
    const from = open.lastIndexOf(name);
    if (from >= 0) while (open.length > from) out += `</${open.pop() ?? ''}>`;
  };
  while (at < html.length) {
    const start = html.indexOf('<', at);
    if (start < 0) break;
    out += safeText(html.slice(at, start));
    const next = html.charAt(start + 1);
    if (next === '!' || next === '?' || next === '/') {
      const isEnd = next === '/' && isLetter(html.charCodeAt(start + 2));
      const isComment = html.startsWith('<!--', start);
      // `<!-->` and `<!--->` are comments too
      const mark = isComment ? html.indexOf('-->', start + 2) : html.indexOf('>', start);
      const end = mark < 0 ? html.length : mark + (isComment ? 3 : 1);
      if (isEnd && mark >= 0) close(nameAt(html, start + 2));
      // "</" at the very end is text
      else if (mark < 0 && next === '/') return finish(out + safeText(html.slice(start)));
      at = end;
    } else if (isLetter(next.charCodeAt(0))) {
      const tag = readTag(html, start + 1);
      // a tag that never ends: it, and all that could be in it, is text
      if (tag === undefined) return finish(out + safeText(html.slice(start)));
      at = tag.end;
      const { name } = tag;
      if (dropped.has(name)) at = endOf(html, name, at);
      const allowed = attributesOf.get(name);
      if (allowed === undefined || (name === 'a' && open.includes('a'))) continue;
      if (siblings.has(name) && open.at(-1) === name) close(name);
      if (isVoid(name)) out += `<${name}/>`;
      else if (open.length < maxDepth) {
        open.push(name);
        out += `<${name}${safeAttributes(tag.attributes, allowed)}>`;
      }
    } else {
      out += '&lt;';
      at = start + 1;
    }
  }
  return finish(out + safeText(html.slice(at)));

  function finish(written: string): string {
    out = written;
    while (open.length > 0) out += `</${open.pop() ?? ''}>`;
    return out;
  }
}

interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** behind its `>` */
  readonly end: number;
}

const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122;
/** tab, line feed, form feed, carriage return, blank */
const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13 && code !== 11);

/** From `from` to the first character that `stops`. */
function until(html: string, from: number, stops: (code: number) => boolean): number {
  let at = from;
  while (at < html.length && !stops(html.charCodeAt(at))) at += 1;
  return at;
}
const endsName = (code: number): boolean => isSpace(code) || code === 47 || code === 62;
const nameAt = (html: string, from: number): string =>
  html.slice(from, until(html, from, endsName)).toLowerCase();

/** As browsers read it, quotes and all; undefined when it does not end. */
function readTag(html: string, from: number): Tag | undefined {
  const attributes = new Map<string, string>();
  let at = until(html, from, endsName);
  const name = html.slice(from, at).toLowerCase();
  for (;;) {
    at = until(html, at, (code) => !isSpace(code) && code !== 47);
    if (at >= html.length) return undefined;
    if (html.charCodeAt(at) === 62) return { name, attributes, end: at + 1 };
    // an `=` in the first place belongs to the name
    const nameEnd = until(html, at + 1, (code) => endsName(code) || code === 61);
    const attribute = html.slice(at, nameEnd).toLowerCase();
    at = until(html, nameEnd, (code) => !isSpace(code));
    let value = '';
    if (html.charCodeAt(at) === 61) {
      at = until(html, at + 1, (code) => !isSpace(code));
      const quote = html.charAt(at);
      const isQuoted = quote === '"' || quote === "'";
      const end = isQuoted
        ? html.indexOf(quote, at + 1)
        : until(html, at, (code) => isSpace(code) || code === 62);
      if (end < 0) return undefined;
      value = html.slice(isQuoted ? at + 1 : at, end);
      at = isQuoted ? end + 1 : end;
    }
    if (!attributes.has(attribute)) attributes.set(attribute, value);
  }
}

/** Behind the end of an element whose inside is not read. */
function endOf(html: string, name: string, from: number): number {
  const end = new RegExp(`</${name}[\\s/>]`, 'gi');
  end.lastIndex = from;
  const found = end.exec(html);
  // its end tag goes the way of all end tags: it closes nothing
  return found ? found.index : html.length;
}

function safeAttributes(given: ReadonlyMap<string, string>, allowed: readonly string[]): string {
  let out = '';
  for (const name of allowed) {
    const raw = given.get(name);
    if (raw === undefined) continue;
    const value = decode(raw)
      .replace(/[\0-\x1f\x7f]/g, '')
      .trim();
    if (!isSafe(name, value)) continue;
    out += ` ${name}="${escapeHtml(value)}"`;
  }
  return out;
}

function isSafe(name: string, value: string): boolean {
  if (name === 'href' || name === 'data-object-url') return /^(?:https?:\/\/|mailto:)/i.test(value);
  if (name === 'start') return /^\d{1,9}$/.test(value);
  if (name === 'class') return /^language-[\w+#.-]{1,40}$/.test(value);
  return true;
}

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  colon: ':',
  sol: '/',
  Tab: '\t',
  NewLine: '\n',
};
// what is not known stays as it is written, and its `&` is escaped: it cannot become anything else later
const decode = (value: string): string =>
  value.replace(/&(?:#(\d{1,8});?|#x([\da-f]{1,7});?|(\w{2,8});)/gi, (all, ten, sixteen, name) => {
    if (typeof name === 'string') return named[name] ?? all;
    const code = typeof ten === 'string' ? Number(ten) : parseInt(String(sixteen), 16);
    return code <= 0x10_ff_ff && (code < 0xd8_00 || code > 0xdf_ff) ? String.fromCodePoint(code) : '';
  });

/** Text as it stands between tags: references stay, everything else that means something is escaped. */
const safeText = (text: string): string =>
  text.includes('<') || text.includes('&')
    ? text.replace(/<|&(?!(?:#\d{1,8}|#x[\da-f]{1,7}|[a-z]\w{1,31});)/gi, (mark) =>
        mark === '<' ? '&lt;' : '&amp;',
      )
    : text;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
