// HTML that escapes whatever is put into it, unless it is HTML of our own.

import { escapeHtml } from '@trunkline/wire';

const mark = Symbol('html');
export interface Html {
  readonly [mark]: true;
  readonly text: string;
}

type Part = Html | string | number | undefined | readonly Html[];
const render = (part: Part): string => {
  if (part === undefined) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part));
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
