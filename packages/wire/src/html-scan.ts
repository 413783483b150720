// Reads HTML as a stream of tags and text, the way browsers tokenize it, without a DOM. Each character is looked at a
// bounded number of times.

/** A start tag. Attribute values are raw: references in them are not decoded. */
export interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** offset behind its `>` */
  readonly end: number;
}
export interface HtmlHandler {
  /** Text between tags, references not decoded. */
  text(raw: string): void;
  open(tag: Tag): void;
  close(name: string): void;
}

/** Elements whose content is not text for readers; it is skipped. */
const skipped = new Set(
  'script style textarea title xmp iframe noembed noframes noscript template option'.split(' '),
);

/** Calls `handler` for each tag and each run of text, in order. Comments and declarations are left out. */
export function scanHtml(html: string, handler: HtmlHandler): void {
  const text = (raw: string): void => {
    if (raw !== '') handler.text(raw);
  };
  let at = 0;
  while (at < html.length) {
    const start = html.indexOf('<', at);
    if (start < 0) break;
    text(html.slice(at, start));
    const next = html.charAt(start + 1);
    if (next === '!' || next === '?' || next === '/') {
      const isEnd = next === '/' && isLetter(html.charCodeAt(start + 2));
      const isComment = html.startsWith('<!--', start);
      // `<!-->` and `<!--->` are comments too
      const mark = isComment ? html.indexOf('-->', start + 2) : html.indexOf('>', start);
      const end = mark < 0 ? html.length : mark + (isComment ? 3 : 1);
      if (isEnd && mark >= 0) handler.close(nameAt(html, start + 2));
      else if (mark < 0 && next === '/') {
        // "</" without an end is text
        text(html.slice(start));
        return;
      }
      at = end;
    } else if (isLetter(next.charCodeAt(0))) {
      const tag = readTag(html, start + 1);
      // a tag that never ends: it, and all that could be in it, is text
      if (tag === undefined) {
        text(html.slice(start));
        return;
      }
      at = skipped.has(tag.name) ? endOf(html, tag.name, tag.end) : tag.end;
      handler.open(tag);
    } else {
      text('<');
      at = start + 1;
    }
  }
  text(html.slice(at));
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

/** Where the end tag of a skipped element begins. */
function endOf(html: string, name: string, from: number): number {
  const end = new RegExp(`</${name}[\\s/>]`, 'gi');
  end.lastIndex = from;
  return end.exec(html)?.index ?? html.length;
}

/**
 * Decodes numeric references, and the named ones that `named` has; other references stay as they are written.
 *
 * @param named names without `&` and `;`
 */
export const decodeReferences = (text: string, named: (name: string) => string | undefined): string =>
  text.includes('&')
    ? text.replace(
        /&(?:#(\d{1,8});?|#x([\da-f]{1,7});?|([a-z]\w{1,30});)/gi,
        (all, ten?: string, sixteen?: string, name?: string) => {
          if (name !== undefined) return named(name) ?? all;
          return characterOf(ten === undefined ? parseInt(sixteen ?? '', 16) : Number(ten));
        },
      )
    : text;

// what browsers make of the numbers 128 to 159, which are meant as Windows-1252
const windows1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

function characterOf(code: number): string {
  if (code >= 128 && code < 160) return windows1252.charAt(code - 128);
  const isCharacter = code > 0 && code <= 0x10_ff_ff && (code < 0xd8_00 || code > 0xdf_ff);
  return isCharacter ? String.fromCodePoint(code) : '\ufffd';
}
