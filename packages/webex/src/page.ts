import type { List, Page as CorePage } from '@trunkline/core';
import { official } from './http-error.js';

/** One page of a list, as the official client has it: `for (const item of page)`, then `hasNext()` and `next()`. */
export class Page<T> implements Iterable<T> {
  readonly items: readonly T[];
  /** addresses of other pages by relation, such as `next` */
  declare readonly links: Readonly<Record<string, string>>;
  declare private readonly page: CorePage<unknown>;
  /** @param show converts each item for the caller */
  constructor(
    page: CorePage<unknown>,
    private readonly show: (item: unknown) => T = (item) => item as T,
  ) {
    this.items = page.items.map((item) => show(item));
    for (const [name, value] of Object.entries({ page, show, links: page.links }))
      Object.defineProperty(this, name, { value, enumerable: false });
  }
  /** The first page of a list of a native plugin. */
  static async of<T>(list: List<unknown>, show?: (item: unknown) => T): Promise<Page<T>> {
    return new Page(await official(list.page()), show);
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
    return this.page.hasNext;
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
  /** @throws {SdkError} `ERR_ARGUMENT` when the service named no such page; ask `hasLink` first */
  async getLink(rel: string): Promise<Page<T>> {
    return new Page(await official(this.page.follow(rel)), this.show);
  }
}
