// What a browser would make of a text, by parse5: the judge of what safe-html.ts lets through.
import { parseFragment, type DefaultTreeAdapterTypes } from 'parse5';

type Node = DefaultTreeAdapterTypes.Node;
const allowed: Readonly<Record<string, readonly string[]>> = {
  a: ['href', 'title'],
  ol: ['start'],
  code: ['class'],
  'spark-mention': ['data-object-type', 'data-object-id', 'data-object-url', 'data-group-type'],
  'webex-mention': ['data-object-type', 'data-object-id', 'data-object-url', 'data-group-type'],
};
const elements = new Set([
  ...['p', 'br', 'strong', 'b', 'em', 'i', 'u', 's', 'del', 'code', 'pre', 'blockquote', 'hr', 'span', 'div'],
  ...['ul', 'ol', 'li', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'a', ...Object.keys(allowed)],
  ...['table', 'thead', 'tbody', 'tr', 'th', 'td'],
]);

/** Everything in it that must not be there. */
export function offences(html: string): readonly string[] {
  const found: string[] = [];
  const look = (node: Node): void => {
    if ('tagName' in node) {
      const { tagName, attrs } = node;
      if (!elements.has(tagName) || (node.namespaceURI as string) !== 'http://www.w3.org/1999/xhtml')
        found.push(`<${tagName}>`);
      for (const { name, value } of attrs) {
        if (allowed[tagName]?.includes(name) !== true) found.push(`${tagName} ${name}`);
        if ((name === 'href' || name.endsWith('-url')) && !/^(?:https?|mailto|tel):$/.test(protocolOf(value)))
          found.push(`${name}=${value}`);
      }
    } else if (node.nodeName !== '#text' && node.nodeName !== '#document-fragment') found.push(node.nodeName);
    if ('childNodes' in node) node.childNodes.forEach(look);
  };
  look(parseFragment(html));
  return found;
}

/** What a browser would go to, on a page that has no address. An address that is none goes nowhere. */
function protocolOf(value: string): string {
  try {
    return new URL(value).protocol;
  } catch {
    return /^\s*(?:https?|mailto|tel):/i.test(value) ? 'https:' : 'relative';
  }
}

export function textIn(html: string): string {
  const read = (node: Node): string =>
    'value' in node ? node.value : 'childNodes' in node ? node.childNodes.map(read).join('') : '';
  return read(parseFragment(html));
}
