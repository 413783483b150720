import { sdkError } from '../kernel/errors.js';
import type { CallInit, Host, RequestOptions } from '../kernel/host.js';
import { httpUrl } from '../kernel/request/http-url.js';

// a service that goes on like this would keep the reader for ever
const MAX_EMPTY_PAGES = 100;
const MAX_LOOK_BACK = 1_000;

/** The pages up to one of them, newest first. One page may be followed twice, so each has a trail of its own. */
interface Trail {
  readonly url: string | undefined;
  readonly before: Trail | undefined;
  /** pages without items in a row, up to this one */
  readonly empty: number;
}
function isOn(trail: Trail, url: string): boolean {
  let at: Trail | undefined = trail;
  for (let i = 0; at !== undefined && i < MAX_LOOK_BACK; i += 1, at = at.before)
    if (at.url === url) return true;
  return false;
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** whether the service named a page after this one */
  readonly hasNext: boolean;
  /** The page after this one. @throws {SdkError} `ERR_ARGUMENT` when `hasNext` is false */
  next(init?: CallInit): Promise<Page<T>>;
  /** Addresses of other pages by relation, such as `next` and `prev`, where the service names them. */
  readonly links: Readonly<Record<string, string>>;
  /** The page of one of `links`. @throws {SdkError} `ERR_ARGUMENT` when there is none */
  follow(relation: string, init?: CallInit): Promise<Page<T>>;
}

/**
 * A list that is fetched as it is read: nothing leaves before the first item or page is asked for, and each iteration
 * starts again. `signal` of the list stops between pages as well as in mid-request.
 *
 * @example for await (const item of list) show(item);
 * @example for (let page = await list.page(); ; page = await page.next()) { show(page.items); if (!page.hasNext) break; }
 */
export interface List<T> extends AsyncIterable<T> {
  /** The first page. */
  page(): Promise<Page<T>>;
}

/**
 * A list over a resource that responds with `{items}` and names the next page in a `Link` header.
 *
 * @param first the request of the first page; its `signal` and `timeoutMs` also hold for the pages after it
 * @throws {SdkError} `ERR_BAD_RESPONSE` when a response has no items, names a page that was read before as the next one, or
 * when 100 pages in a row have no items
 * @source protocol/hydra-rest.md §1.1
 */
export function createList<T>(host: Pick<Host, 'request' | 'serviceUrl'>, first: RequestOptions): List<T> {
  const { signal, timeoutMs } = first;
  const inherited: CallInit = { ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) };
  /** @param trail the pages before it */
  const fetchPage = async (options: RequestOptions, trail?: Trail): Promise<Page<T>> => {
    options.signal?.throwIfAborted();
    const { body, headers } = await host.request<{ readonly items?: readonly T[] } | undefined>(options);
    const items = body?.items;
    if (!Array.isArray(items))
      throw sdkError(
        'ERR_BAD_RESPONSE',
        `${nameOf(options)}: expected a response with items. Check the service.`,
      );
    const links: Record<string, string> = {};
    // relative links are rare; they are below the service that was asked
    for (const [relation, link] of Object.entries(linksIn(headers.get('link'))))
      links[relation] = await absolute(host, link, options);
    const url = links['next'];
    const here: Trail = {
      url: options.url,
      before: trail,
      empty: items.length === 0 ? (trail?.empty ?? 0) + 1 : 0,
    };
    if (url !== undefined && isOn(here, url))
      throw sdkError(
        'ERR_BAD_RESPONSE',
        `${nameOf(options)} names a page as the next one that was read before, so the list would never end. Check the service.`,
      );
    if (url !== undefined && here.empty >= MAX_EMPTY_PAGES)
      throw sdkError(
        'ERR_BAD_RESPONSE',
        `${nameOf(options)}: ${String(MAX_EMPTY_PAGES)} pages in a row had no items. Check the service.`,
      );
    const follow: Page<T>['follow'] = (relation, init) => {
      const target = links[relation];
      if (target === undefined)
        return Promise.reject(
          sdkError(
            'ERR_ARGUMENT',
            `there is no ${relation} page. Check ${relation === 'next' ? 'hasNext' : 'links'} first.`,
          ),
        );
      // backwards and forwards again is not an endless list
      return fetchPage({ ...inherited, ...init, url: target }, relation === 'next' ? here : undefined);
    };
    return {
      items: items as readonly T[],
      hasNext: url !== undefined,
      next: (init) => follow('next', init),
      links,
      follow,
    };
  };
  return {
    page: () => fetchPage(first),
    async *[Symbol.asyncIterator]() {
      let page = await fetchPage(first);
      yield* page.items;
      while (page.hasNext) {
        page = await page.next();
        yield* page.items;
      }
    },
  };
}

/**
 * The targets in a `Link` header, by relation. Understands several links in one header, commas and semicolons inside
 * the brackets or quotes, several relations in one `rel`, and any order of parameters.
 */
export function linksIn(header: string | null): Readonly<Record<string, string>> {
  const links: Record<string, string> = {};
  if (header === null) return links;
  for (const [, url, parameters = ''] of header.matchAll(/<([^>]*)>((?:"(?:[^"\\]|\\.)*"|[^",])*)/g)) {
    // parameter by parameter, so that a quoted value cannot pose as one; only the first rel counts (RFC 8288 §3.3)
    const each = parameters.matchAll(/;\s*([\w*-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/g);
    const rel = [...each].find(([, name]) => name?.toLowerCase() === 'rel');
    for (const relation of (rel?.[2] ?? rel?.[3] ?? '').toLowerCase().split(/\s+/))
      if (relation && url !== undefined) links[relation] ??= url;
  }
  return links;
}

const nameOf = ({ service, path, url }: RequestOptions): string => url ?? `${service ?? ''}/${path ?? ''}`;

async function absolute(
  host: Pick<Host, 'serviceUrl'>,
  link: string,
  options: RequestOptions,
): Promise<string> {
  if (httpUrl(link) !== undefined) return link;
  const base =
    options.url ?? `${await host.serviceUrl(options.service ?? '', options)}/${options.path ?? ''}`;
  const url = httpUrl(link, base);
  if (url === undefined)
    throw sdkError(
      'ERR_BAD_RESPONSE',
      `${nameOf(options)} names a next page that is not a URL. Check the service.`,
    );
  return url.href;
}
