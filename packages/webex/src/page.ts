import { nextLink, sdkError } from '@trunkline/core';
import type { OfficialResponse } from './request.js';
import type { Webex } from './webex.js';

/** One page of a list, as the official client has it: `for (const item of page)`, then `hasNext()` and `next()`. */
export class Page<T> implements Iterable<T> {
  readonly items: readonly T[];
  declare readonly links: Readonly<Record<string, string>>;
  constructor(
    { body, headers }: Pick<OfficialResponse<{ readonly items?: readonly T[] }>, 'body' | 'headers'>,
    private readonly webex: Webex,
  ) {
    if (!Array.isArray(body.items))
      throw sdkError('ERR_BAD_ANSWER', 'the list came without items; is this the right service?');
    this.items = body.items;
    const link = headers['link'];
    const next = nextLink(link ?? null);
    const previous = /<([^>]*)>[^,]*rel="?previous"?/.exec(link ?? '')?.[1];
    const links = { ...(next !== undefined && { next }), ...(previous !== undefined && { previous }) };
    Object.defineProperty(this, 'links', { value: links, enumerable: false });
    Object.defineProperty(this, 'webex', { value: webex, enumerable: false });
  }
  get length(): number {
    return this.items.length;
  }
  [Symbol.iterator](): Iterator<T> {
    return this.items[Symbol.iterator]();
  }
  hasLink(rel: string): boolean {
    return rel in this.links;
  }
  hasNext(): boolean {
    return this.hasLink('next');
  }
  hasPrevious(): boolean {
    return this.hasLink('previous');
  }
  next(): Promise<Page<T>> {
    return this.getLink('next');
  }
  previous(): Promise<Page<T>> {
    return this.getLink('previous');
  }
  async getLink(rel: string): Promise<Page<T>> {
    const uri = this.links[rel];
    if (uri === undefined)
      throw sdkError('ERR_ARGUMENT', `this page has no '${rel}' page; ask hasNext() or hasPrevious() first`);
    return new Page(await this.webex.request<{ readonly items?: readonly T[] }>({ uri }), this.webex);
  }
}
