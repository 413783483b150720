import type { ServiceName } from '@trunkline/wire';
import { sdkError } from '../errors.js';
import type { Method, PipelineRequest, RequestBody, RequestOptions } from '../host.js';
import { isRecord, isWellFormed, shapeOf, unexpected } from '../../kit/arguments.js';
import { encodeBody } from './body.js';

/**
 * One request under way. `url` and `headers` become objects only when an interceptor looks at them: text and a plain
 * record are what fetch is given otherwise, which is the cheaper way.
 */
export class Call implements PipelineRequest {
  method: Method;
  body: RequestBody | null;
  service: ServiceName | undefined;
  attempt = 0;
  /** the body is a stream: it cannot be sent again */
  readonly once: boolean;
  /** the caller brought an authorization of its own */
  readonly explicitAuth: boolean;
  /** the service sent it on to another address */
  redirected = false;
  private href: string;
  private parsed: URL | undefined;
  private readonly record: Record<string, string> = {};
  private list: Headers | undefined;

  constructor(
    readonly options: RequestOptions,
    href: string,
  ) {
    const { headers } = options;
    const method = (this.method = options.method ?? 'GET');
    this.href = href;
    const { body, json, once } = encodeBody(options.body);
    if (body !== null && (method === 'GET' || method === 'HEAD'))
      throw sdkError('ERR_ARGUMENT', `a ${method} request cannot have a body; use query`);
    this.body = body;
    this.once = once;
    if ((options.as ?? 'json') === 'json') this.record['accept'] = 'application/json';
    if (json) this.record['content-type'] = 'application/json';
    if (isRecord(headers))
      for (const [name, value] of Object.entries(headers as Readonly<Record<string, unknown>>))
        if (value !== undefined && value !== null) this.record[name.toLowerCase()] = headerValue(name, value);
    this.explicitAuth = 'authorization' in this.record;
  }

  get url(): URL {
    return (this.parsed ??= new URL(this.href));
  }
  set url(url: URL) {
    this.parsed = url;
  }
  get headers(): Headers {
    return (this.list ??= new Headers(this.record));
  }
  /** where it goes now, also after an interceptor changed it */
  get target(): string {
    return this.parsed === undefined ? this.href : this.parsed.href;
  }
  set target(href: string) {
    this.href = href;
    this.parsed = undefined;
  }
  get headerInit(): HeadersInit {
    return this.list ?? this.record;
  }
  has(name: string): boolean {
    return this.list === undefined ? name in this.record : this.list.has(name);
  }
  set(name: string, value: string): void {
    if (this.list === undefined) this.record[name] = value;
    else this.list.set(name, value);
  }
  unset(name: string): void {
    if (this.list === undefined) Reflect.deleteProperty(this.record, name);
    else this.list.delete(name);
  }
  /** What a 303 asks for: the method becomes GET and the body is dropped. */
  becomeGet(): void {
    this.method = 'GET';
    this.body = null;
    this.unset('content-type');
  }
  get trackingId(): string | undefined {
    return this.list === undefined ? this.record['trackingid'] : (this.list.get('trackingid') ?? undefined);
  }
  /** For messages and logs: no query, which may hold words or addresses. */
  get what(): string {
    const target = this.target;
    const end = target.search(/[?#]/);
    return `${this.method} ${end < 0 ? target : target.slice(0, end)}`;
  }
}

/** @throws {SdkError} `ERR_ARGUMENT` for what fetch would refuse with an error that names nothing */
function headerValue(name: string, value: unknown): string {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name))
    throw unexpected('request.headers', 'header names without spaces or separators', name);
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  if (typeof text !== 'string' || /[^\t\x20-\xff]/.test(text))
    throw unexpected(`request.headers.${name}`, 'a string of Latin-1 characters without line breaks', value);
  return text;
}

/** base + path + query. A path that climbs is resolved, so that what it lies below can be judged. */
export function join(base: string, path: string, query: RequestOptions['query']): string {
  const href = base + (path === '' || path.startsWith('/') || path.startsWith('?') ? path : `/${path}`);
  return withQuery(/\.\.|%2e|[\\#\s]/i.test(path) ? new URL(href).href : href, query);
}

export function withQuery(href: string, query: RequestOptions['query']): string {
  if (query === undefined || (query as unknown) === null) return href;
  let text = '';
  for (const name in query) {
    const value = query[name];
    const encoded = encodedValue(name, value);
    if (encoded !== undefined) text += `${text === '' ? '' : '&'}${encodeURIComponent(name)}=${encoded}`;
  }
  if (text === '') return href;
  const hash = href.indexOf('#');
  const head = hash < 0 ? href : href.slice(0, hash);
  return `${head}${head.includes('?') ? '&' : '?'}${text}`;
}

/** A query value as it travels; undefined for what is left out. JavaScript callers may give anything. */
function encodedValue(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) return encodedScalar(name, value);
  const items = (value as unknown[]).filter((item) => item !== undefined && item !== null);
  return items.map((item) => encodedScalar(name, item)).join(',');
}
function encodedScalar(name: string, value: unknown): string {
  const text =
    value instanceof Date && !Number.isNaN(value.getTime())
      ? value.toISOString()
      : typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
        ? String(value)
        : undefined;
  if (text !== undefined && isWellFormed(text)) return encodeURIComponent(text);
  throw sdkError(
    'ERR_ARGUMENT',
    `query.${name}: expected a string, a number, a boolean, a valid Date, or an array of these, got ${shapeOf(value)}`,
  );
}
