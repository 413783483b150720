import { namedCharacter } from './html-entities.js';
import { decodeReferences, scanHtml } from './html-scan.js';

/** Elements that begin and end a line of their own. */
const blocks = new Set(
  (
    'p div h1 h2 h3 h4 h5 h6 ul ol li blockquote pre hr table caption thead tbody tfoot tr dl dt dd figure figcaption ' +
    'section article header footer main nav aside address details summary fieldset form body'
  ).split(' '),
);
const decode = (raw: string): string => decodeReferences(raw, namedCharacter).replace(/\u00a0/g, ' ');

/**
 * Returns what a person reads of HTML, as plain text: block elements and `<br>` break lines, cells of a row are separated
 * by a tab, blanks collapse except in `<pre>`, an image is its `alt` text, references are decoded, and the content of
 * `style` and `script` is left out. Linear in the length of `html`.
 *
 * @example htmlToText('<p>Shopping:</p><ul><li>milk &amp; tea</li></ul>'); // "Shopping:\nmilk & tea"
 */
export function htmlToText(html: string): string {
  const lines: string[] = [];
  let line: string[] = [];
  let isBlank = true;
  let endsWithSpace = true;
  /** nested `<pre>` */
  let pre = 0;
  /** a line feed right after `<pre>` is not part of its text */
  let preBegins = false;
  let isFirstCell = true;

  const add = (text: string): void => {
    line.push(text);
    if (isBlank) isBlank = text.trim() === '';
    endsWithSpace = /\s/.test(text.charAt(text.length - 1));
  };
  const endLine = (): void => {
    const text = line.join('');
    lines.push(pre > 0 ? text : text.trimEnd());
    line = [];
    isBlank = true;
    endsWithSpace = true;
  };
  /** Between blocks: nothing when the line is still empty. */
  const breakLine = (): void => {
    if (!isBlank) endLine();
    line = [];
    endsWithSpace = true;
  };
  const append = (text: string): void => {
    if (text === '') return;
    if (pre > 0) {
      const [first = '', ...more] = text.replace(/\r\n?/g, '\n').split('\n');
      add(first);
      for (const next of more) {
        endLine();
        add(next);
      }
      return;
    }
    const collapsed = text.replace(/[ \t\n\f\r]+/g, ' ');
    const shown = endsWithSpace && collapsed.startsWith(' ') ? collapsed.slice(1) : collapsed;
    if (shown !== '') add(shown);
  };

  scanHtml(html, {
    text(raw) {
      const begins = preBegins;
      preBegins = false;
      append(decode(begins ? raw.replace(/^\r?\n/, '') : raw));
    },
    open({ name, attributes }) {
      if (name === 'br') {
        // one blank line between texts is enough
        if (pre > 0 || !isBlank || (lines.length > 0 && lines.at(-1) !== '')) endLine();
        return;
      }
      if (name === 'img') append(decode(attributes.get('alt') ?? ''));
      if (blocks.has(name)) breakLine();
      if (name === 'tr') isFirstCell = true;
      if (name === 'td' || name === 'th') {
        // blanks between cells are not part of them
        const last = line.pop();
        if (last !== undefined) line.push(last.endsWith(' ') ? last.slice(0, -1) : last);
        if (!isFirstCell) add('\t');
        isFirstCell = false;
      }
      if (name === 'pre') {
        pre += 1;
        preBegins = true;
      } else if (name !== 'code') preBegins = false;
    },
    close(name) {
      preBegins = false;
      if (blocks.has(name)) breakLine();
      if (name === 'pre' && pre > 0) pre -= 1;
    },
  });
  breakLine();

  let from = 0;
  while (lines[from]?.trim() === '') from += 1;
  let to = lines.length;
  while (to > from && lines[to - 1]?.trim() === '') to -= 1;
  return lines.slice(from, to).join('\n').trimEnd();
}
