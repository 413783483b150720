// The one policy for HTML in messages, for the service and for clients. HTML that others wrote is read as tokens and
// written again from a list of what may stay: what is written is never a piece of the input but a tag of the list, an
// attribute of the list, or text without `<`. Why not a library: docs/decisions/0020-safe-html.md
import { decodeReferences, scanHtml } from './html-scan.js';

/** Allowed elements and their attributes: structure, links and mentions; nothing that runs, nothing that loads. */
export const allowedHtml: ReadonlyMap<string, readonly string[]> = new Map([
  ...(
    'p br strong b em i u s del code pre blockquote hr span div ul ol li h1 h2 h3 h4 h5 h6 a ' +
    'table thead tbody tr th td'
  )
    .split(' ')
    .map((name): [string, readonly string[]] => [name, []]),
  ['a', ['href', 'title']],
  ['ol', ['start']],
  ['code', ['class']],
  ...['spark-mention', 'webex-mention'].map((name): [string, readonly string[]] => [
    name,
    ['data-object-type', 'data-object-id', 'data-object-url', 'data-group-type'],
  ]),
]);
/** Allowed schemes of links: `http`, `https`, `mailto`, `tel`. Addresses without a scheme are dropped. */
export const allowedAddress = /^(?:https?:\/\/|mailto:|tel:)/i;

const isVoid = (name: string): boolean => name === 'br' || name === 'hr';
/** One of these ends the one before it. */
const siblings = new Set(['p', 'li', 'tr', 'td', 'th']);
/** Deeper nesting is not written: it is never meant, and it slows browsers down. */
const maxDepth = 100;

/**
 * Returns the same HTML without anything that could run, load or break out of its place. Unknown elements are left out
 * and their text stays, an image becomes its `alt` text, links go to http, https, mailto and tel only, elements are
 * closed. Idempotent; linear in the length of `html`.
 *
 * @example safeHtml('<b onclick="x()">hi</b><script>y()</script>'); // <b>hi</b>
 */
export function safeHtml(html: string): string {
  if (!html.includes('<') && !html.includes('&')) return html;
  const open: string[] = [];
  let out = '';
  const close = (name: string): void => {
    const from = open.lastIndexOf(name);
    if (from >= 0) while (open.length > from) out += `</${open.pop() ?? ''}>`;
  };
  scanHtml(html, {
    text(raw) {
      out += safeText(raw);
    },
    close,
    open({ name, attributes }) {
      if (name === 'img') out += escapeHtml(attributeText(attributes.get('alt') ?? ''));
      const allowed = allowedHtml.get(name);
      if (allowed === undefined || (name === 'a' && open.includes('a'))) return;
      if (siblings.has(name) && open.at(-1) === name) close(name);
      if (isVoid(name)) out += `<${name}/>`;
      else if (open.length < maxDepth) {
        open.push(name);
        out += `<${name}${safeAttributes(attributes, allowed)}>`;
      }
    },
  });
  while (open.length > 0) out += `</${open.pop() ?? ''}>`;
  return out;
}

function safeAttributes(given: ReadonlyMap<string, string>, allowed: readonly string[]): string {
  let out = '';
  // in the order they were written: official clients compare texts
  for (const [name, raw] of given) {
    if (!allowed.includes(name)) continue;
    const value = attributeText(raw);
    if (!isSafe(name, value)) continue;
    out += ` ${name}="${escapeHtml(value)}"`;
  }
  return out;
}

function isSafe(name: string, value: string): boolean {
  if (name === 'href' || name === 'data-object-url') return allowedAddress.test(value);
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
const attributeText = (raw: string): string =>
  decodeReferences(raw, (name) => (Object.hasOwn(named, name) ? named[name] : undefined))
    .replace(/[\0-\x1f\x7f]/g, '')
    .trim();

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
/** Escapes text for use between tags and in quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
