// HTML that escapes whatever is put into it, unless it is HTML of our own.

const mark = Symbol('html');
export interface Html {
  readonly [mark]: true;
  readonly text: string;
}
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');

type Part = Html | string | number | undefined | readonly Html[];
const render = (part: Part): string => {
  if (part === undefined) return '';
  if (typeof part === 'string' || typeof part === 'number') return escape(String(part));
  return 'text' in part ? part.text : part.map(render).join('');
};

/** Attributes must be quoted where it is used. */
export function html(pieces: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return {
    [mark]: true,
    text: pieces.reduce((text, piece, at) => text + render(parts[at - 1]) + piece),
  };
}
/** Text that is HTML already; never what a stranger wrote. */
export const raw = (text: string): Html => ({ [mark]: true, text });
