import { sdkError, type Host, type Interceptor, type Method, type RequestOptions } from '@trunkline/core';
import { messageOf, toOfficial, WebexHttpError, type ShownOptions } from './http-error.js';
import { nativeOptions } from './through-webex.js';
import type { Webex } from './webex.js';

/** What `webex.request` takes. Either `uri` (or `url`), or `service` (or `api`) and `resource`. */
export interface OfficialRequest {
  method?: string;
  uri?: string;
  url?: string;
  service?: string;
  api?: string;
  resource?: string;
  qs?: Readonly<Record<string, unknown>>;
  headers?: Record<string, unknown>;
  body?: unknown;
  form?: Readonly<Record<string, unknown>>;
  formData?: Readonly<Record<string, unknown>>;
  /** HTTP Basic */
  auth?: {
    readonly user?: string;
    readonly pass?: string;
    readonly username?: string;
    readonly password?: string;
  };
  /** bytes instead of what JSON says */
  responseType?: string;
  addAuthHeader?: boolean;
  /** ms */
  timeout?: number;
  signal?: AbortSignal;
  [more: string]: unknown;
  /** of a native plugin's request */
  [nativeOptions]?: RequestOptions;
}
export interface OfficialResponse<T = unknown> {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: T;
  readonly options: OfficialRequest;
}

/** What plugins may register: each method is optional. */
export interface OfficialInterceptor {
  /** Changes the options of a request before it is sent. */
  onRequest?(options: OfficialRequest): unknown;
  /** Handles an error of an earlier interceptor. */
  onRequestError?(options: OfficialRequest, reason: unknown): unknown;
  /** Changes a response. */
  onResponse?(options: OfficialRequest, response: OfficialResponse): unknown;
  /** Handles a failed response. */
  onResponseError?(options: OfficialRequest, reason: unknown): unknown;
}
/** To extend; made by its static `create`, which is called with the Webex as `this`. */
export class InterceptorBase {
  declare readonly webex: Webex;
  constructor(attrs: { readonly webex: Webex }) {
    Object.defineProperty(this, 'webex', { value: attrs.webex, enumerable: false });
  }
  static create(this: unknown): OfficialInterceptor {
    throw sdkError('ERR_NOT_SUPPORTED', 'an interceptor class needs a static create() of its own');
  }
}

/** Requests of `webex.request`: a refusal rejects them at once, as in the official client. */
const impatient = new WeakSet();
/** What core sent with them. */
const sentWith = new WeakMap<object, Headers>();
export const isOfficial = (options: RequestOptions): boolean => impatient.has(options);

/** Turns a refusal into the official error, with the body and headers that core's errors leave out. */
export const refusals = (webex: Webex): Interceptor => ({
  name: 'webex-refusals',
  phase: 'check',
  async run(request, next) {
    if (impatient.has(request.options)) sentWith.set(request.options, request.headers);
    const response = await next(request);
    if (request.service === 'u2c' && response.ok)
      webex.internal.services.learn(request.url, response.clone());
    const { status } = response;
    if (status < 400) return response;
    if (status === 401 && request.attempt === 0 && webex.credentials.canRefresh) return response;
    const text = await response.text();
    const body = parsed(text);
    const { errorCode } = (typeof body === 'object' && body !== null ? body : {}) as {
      readonly errorCode?: unknown;
    };
    const again = new Response(text, { status, statusText: response.statusText, headers: response.headers });
    // moved elsewhere: core goes there
    if (status === 404 && errorCode === 2000002) return again;
    // engines have their own patience
    if (!impatient.has(request.options)) return again;
    const options = shown(request.options, request.method, request.url.href);
    const headers = plain(response.headers);
    const message = messageOf(
      body,
      options,
      headers['trackingid'] ?? request.headers.get('trackingid') ?? undefined,
    );
    const cause = new (WebexHttpError.select(status))({
      statusCode: status,
      message,
      body,
      headers,
      options,
    });
    throw sdkError(cause.code, message, { cause, status, retryable: cause.retryable });
  },
});

const shown = ({ headers = {} }: RequestOptions, method: string, uri: string): ShownOptions => ({
  method,
  uri,
  headers: Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'),
  ),
});

/** `webex.request`: through the interceptors that plugins brought, then through core's pipeline. */
export async function officialRequest<T>(
  webex: Webex,
  interceptors: readonly OfficialInterceptor[],
  host: Host,
  given: OfficialRequest,
): Promise<OfficialResponse<T>> {
  const options: OfficialRequest = { json: true, ...given, headers: { ...given.headers } };
  return (await throughInterceptors(interceptors, options, (now) =>
    send(webex, host, now),
  )) as OfficialResponse<T>;
}
/** One request through the interceptors, in order on its way out and in reverse on its way back. */
export async function throughInterceptors(
  interceptors: readonly OfficialInterceptor[],
  options: OfficialRequest,
  last: (now: OfficialRequest) => Promise<OfficialResponse>,
): Promise<OfficialResponse> {
  let before: Promise<unknown> = Promise.resolve(options);
  for (const each of interceptors)
    before = before.then(
      (now) => each.onRequest?.(now as OfficialRequest) ?? now,
      (reason: unknown) =>
        each.onRequestError ? each.onRequestError(options, reason) : Promise.reject(asError(reason)),
    );
  let after: Promise<unknown> = before.then((now) => last(now as OfficialRequest));
  for (const each of [...interceptors].reverse())
    after = after.then(
      (response) => each.onResponse?.(options, response as OfficialResponse) ?? response,
      (reason: unknown) =>
        each.onResponseError ? each.onResponseError(options, reason) : Promise.reject(asError(reason)),
    );
  return (await after) as OfficialResponse;
}
const asError = (reason: unknown): Error => reason as Error;

/** A signal of one request: bodies are read here, so the caller's signal keeps no listener when that is done. */
function bounded(signal: AbortSignal | undefined): {
  readonly signal?: AbortSignal;
  readonly done: () => void;
} {
  if (!signal) return { done: () => undefined };
  const own = new AbortController();
  const abort = (): void => {
    own.abort(signal.reason);
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  return {
    signal: own.signal,
    done: () => {
      signal.removeEventListener('abort', abort);
    },
  };
}

async function send(webex: Webex, host: Host, options: OfficialRequest): Promise<OfficialResponse> {
  const streams = options[nativeOptions]?.as === 'response';
  const { signal, done } = bounded(streams ? undefined : options.signal);
  const request = { ...toCore(webex, options), ...(signal && { signal }) };
  impatient.add(request);
  try {
    const { status, headers, body } = await host.request<Response>(request);
    options.headers = withSent(options.headers, request.headers?.['trackingid'], sentWith.get(request));
    return { statusCode: status, headers: plain(headers), body: await read(body, options), options };
  } catch (error) {
    const method = options.method ?? 'GET';
    throw toOfficial(error, {
      ...options,
      method,
      uri: options.uri ?? `${options.service ?? ''}/${options.resource ?? ''}`,
    });
  } finally {
    done();
  }
}

/**
 * As there, `response.options.headers` has what the client adds; undefined where it was not sent. The tracking id is shown
 * for other servers, too, which do not get it.
 */
function withSent(
  given: Record<string, unknown> | undefined,
  trackingid: unknown,
  sent?: Headers,
): Record<string, unknown> {
  const added = ['spark-user-agent', 'cisco-no-http-redirect'];
  return {
    trackingid,
    ...Object.fromEntries(added.map((name) => [name, sent?.get(name) ?? undefined])),
    ...Object.fromEntries(Object.entries(given ?? {}).map(([name, value]) => [name, value ?? undefined])),
  };
}

function toCore(webex: Webex, options: OfficialRequest): RequestOptions {
  const {
    method = 'GET',
    uri = options.url,
    service = options.api,
    resource = '',
    qs,
    signal,
    timeout,
  } = options;
  if (uri === undefined && service === undefined)
    throw sdkError('ERR_ARGUMENT', 'a request needs a uri, or a service and a resource');
  const { body, headers: bodyHeaders } = bodyOf(options);
  const headers: Record<string, string> = { trackingid: webex.nextTrackingId(), ...bodyHeaders };
  let withToken = options.addAuthHeader !== false;
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    const empty = value === undefined || value === null || value === false;
    // an empty one is there to be left out
    if (empty && name.toLowerCase() === 'authorization') withToken = false;
    else if (!empty) headers[name.toLowerCase()] = text(value);
  }
  if (options.auth) {
    const { user = options.auth.username ?? '', pass = options.auth.password ?? '' } = options.auth;
    headers['authorization'] = `Basic ${base64(`${user}:${pass}`)}`;
  }
  headers['accept'] ??= 'application/json';
  const { onProgress, idempotent, maxRetries } = options[nativeOptions] ?? {};
  return {
    method: method.toUpperCase() as Method,
    as: 'response',
    headers,
    ...(uri === undefined ? { service: service ?? '', path: trimmed(resource) } : { url: uri }),
    ...(qs !== undefined && { query: queryOf(qs) }),
    ...(body !== undefined && { body }),
    ...(!withToken && { auth: false }),
    ...(signal !== undefined && { signal }),
    ...(timeout !== undefined && { timeoutMs: timeout }),
    ...(onProgress !== undefined && { onProgress }),
    ...(idempotent !== undefined && { idempotent }),
    ...(maxRetries !== undefined && { maxRetries }),
  };
}

// the first slash, or else the last. @source protocol/identity-and-services.md §4.4
const trimmed = (resource: string): string => resource.replace(/^\/|\/$/, '');

function queryOf(qs: Readonly<Record<string, unknown>>): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of Object.entries(qs))
    if (value !== undefined && value !== null)
      query[name] = Array.isArray(value) ? value.filter(isGiven).map(text).join(',') : text(value);
  return query;
}

function bodyOf({ body, form, formData }: OfficialRequest): {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
} {
  if (form) return { body: new URLSearchParams(queryOf(form)) };
  if (formData) {
    const data = new FormData();
    for (const [name, value] of Object.entries(formData))
      for (const each of Array.isArray(value) ? (value as unknown[]) : [value])
        if (each instanceof Blob) data.append(name, each);
        else data.append(name, text(each));
    return { body: data };
  }
  if (body === undefined || body === null || body === false) return {};
  return { body: body === true ? 'true' : body };
}

async function read(
  response: Response,
  { responseType, json, [nativeOptions]: native }: OfficialRequest,
): Promise<unknown> {
  if (native?.as === 'response') return response;
  if (native?.as === 'bytes') return new Uint8Array(await response.arrayBuffer());
  if (native?.as === 'text') return response.text();
  if (responseType === 'buffer' || responseType === 'arraybuffer')
    return bytesOf(await response.arrayBuffer());
  if (responseType === 'blob') return response.blob();
  const content = await response.text();
  return json === false ? content : parsed(content);
}
/** A Buffer where there are Buffers, as there. */
function bytesOf(bytes: ArrayBuffer): unknown {
  const { Buffer } = globalThis as { readonly Buffer?: { from(bytes: ArrayBuffer): unknown } };
  return Buffer ? Buffer.from(bytes) : bytes;
}
export function parsed(content: string): unknown {
  if (content === '') return undefined;
  try {
    return JSON.parse(content) as unknown;
  } catch {
    return content;
  }
}
export function plain(headers: Headers): Record<string, string> {
  const all: Record<string, string> = {};
  headers.forEach((value, name) => {
    all[name] = value;
  });
  return all;
}
const isGiven = (value: unknown): boolean => value !== undefined && value !== null;
/** A Date as ISO 8601, plain data as JSON. @throws {SdkError} `ERR_ARGUMENT` for what is neither */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  const isNumber = typeof value !== 'number' || Number.isFinite(value);
  let json: string | undefined;
  try {
    json = isNumber && !(value instanceof Date) ? stringify(value) : undefined;
  } catch {
    // circles and BigInt: the error below says so
  }
  if (json === undefined)
    throw sdkError(
      'ERR_ARGUMENT',
      `request: expected text, a finite number, a boolean, a valid Date or plain data, got ${typeof value}`,
    );
  return json;
}
// functions and symbols come out as undefined, which its type does not say
const stringify: (value: unknown) => string | undefined = JSON.stringify;
const base64 = (words: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(words)));
