import type { Interceptor, PipelineRequest } from '@trunkline/core';
import { toOfficial } from './http-error.js';
import {
  isOfficial,
  parsed,
  plain,
  text,
  throughInterceptors,
  type OfficialInterceptor,
  type OfficialRequest,
  type OfficialResponse,
} from './request.js';

/**
 * Shows the requests that engines and plugins send by themselves to the interceptors of `registerPlugin`, as
 * `webex.request` does with its own. `body` of a response is the JSON or text in it; undefined for downloads.
 */
export function engineSteps(own: () => readonly OfficialInterceptor[] | undefined): readonly Interceptor[] {
  const texts = new WeakMap<Response, string>();
  const isMine = ({ options }: PipelineRequest): boolean => (own() ?? []).length > 0 && !isOfficial(options);
  return [
    {
      name: 'webex-interceptors',
      phase: 'prepare',
      async run(request, next) {
        const interceptors = own() ?? [];
        if (!isMine(request)) return next(request);
        const options = officialOptions(request);
        let raw: Response | undefined;
        let shown: OfficialResponse | undefined;
        let failed: { readonly error: unknown; readonly official: unknown } | undefined;
        try {
          const result = await throughInterceptors(interceptors, options, async (now) => {
            apply(request, now);
            try {
              raw = await next(request);
            } catch (error) {
              const {
                method,
                url: { href: uri },
              } = request;
              failed = { error, official: toOfficial(error, { ...now, method, uri }) };
              throw failed.official;
            }
            const text = texts.get(raw);
            shown = {
              statusCode: raw.status,
              headers: plain(raw.headers),
              body: text === undefined ? undefined : parsed(text),
              options: now,
            };
            return shown;
          });
          if (raw !== undefined && result === shown && texts.get(raw) === undefined) return raw;
          return responseOf(result, request.options.as ?? 'json');
        } catch (error) {
          // engines switch on the codes of core's errors
          throw failed !== undefined && error === failed.official ? failed.error : error;
        }
      },
    },
    {
      name: 'webex-interceptors-body',
      phase: 'check',
      async run(request, next) {
        const response = await next(request);
        const { as = 'json' } = request.options;
        if (response.status >= 400 || !isMine(request) || (as !== 'json' && as !== 'text')) return response;
        const text = await response.text();
        const { status, statusText, headers } = response;
        const again = new Response(isEmpty(status) ? null : text, { status, statusText, headers });
        texts.set(again, text);
        return again;
      },
    },
  ];
}

const isEmpty = (status: number): boolean => status === 204 || status === 205 || status === 304;

function officialOptions({ method, url, headers, body, service, options }: PipelineRequest): OfficialRequest {
  const isJson = typeof body === 'string' && headers.get('content-type')?.includes('json') === true;
  const { path } = options;
  return {
    method,
    uri: url.href,
    ...(service !== undefined && { service }),
    ...(options.service !== undefined && { service: options.service }),
    ...(path !== undefined && { resource: path }),
    headers: plain(headers),
    ...(body !== null && { body: isJson ? parsed(body) : body }),
    json: isJson,
  };
}

/** What the interceptors made of the request. */
function apply(request: PipelineRequest, now: OfficialRequest): void {
  const { uri = now.url, method = request.method, headers = {}, body, qs } = now;
  request.method = method.toUpperCase() as PipelineRequest['method'];
  const url = new URL(uri ?? request.url.href);
  for (const [name, value] of Object.entries(qs ?? {}))
    if (value !== undefined && value !== null) url.searchParams.set(name, text(value));
  if (url.href !== request.url.href) request.url = url;
  for (const name of [...request.headers.keys()]) if (!(name in headers)) request.headers.delete(name);
  for (const [name, value] of Object.entries(headers))
    if (value === undefined || value === null || value === false) request.headers.delete(name);
    else request.headers.set(name, text(value));
  const isPlain =
    Array.isArray(body) || (typeof body === 'object' && body !== null && body.constructor === Object);
  if (isPlain) request.body = JSON.stringify(body);
  else if (body !== undefined) request.body = body as PipelineRequest['body'];
}

/** The response that interceptors made, in the form that the call asked for. */
function responseOf({ statusCode, headers, body }: OfficialResponse, as: string): Response {
  const isRaw = typeof body === 'string' && as !== 'json';
  const content = body === undefined || isEmpty(statusCode) ? null : isRaw ? body : JSON.stringify(body);
  // it was decoded
  const others = new Headers(headers);
  for (const name of ['content-encoding', 'content-length']) others.delete(name);
  return new Response(content, { status: statusCode, headers: others });
}
