import type { HttpResponse, Host, Plugin, RequestOptions } from '@trunkline/core';
import type { OfficialRequest, OfficialResponse } from './request.js';

/** What a request of a native plugin asks of core beyond what the official options can say. */
export const nativeOptions = Symbol('native options');

/** `webex.request`, for one client. */
export type SendOfficial = <T>(host: Host, options: OfficialRequest) => Promise<OfficialResponse<T>>;

/** Sends a native plugin's request as `webex.request` does, so that registered interceptors see it. */
async function request<T>(send: SendOfficial, host: Host, options: RequestOptions): Promise<HttpResponse<T>> {
  const { method, service = '', path = '', url, query, headers, body, auth, signal, timeoutMs } = options;
  const answer = await send<T>(host, {
    ...(method !== undefined && { method }),
    // a slash at the end is part of the path, one at the beginning is not
    ...(url === undefined ? { service, resource: `/${path}` } : { uri: url }),
    ...(query !== undefined && { qs: query }),
    ...(headers !== undefined && { headers: { ...headers } }),
    ...(body !== undefined && { body }),
    ...(auth === false && { addAuthHeader: false }),
    ...(signal !== undefined && { signal }),
    ...(timeoutMs !== undefined && { timeout: timeoutMs }),
    [nativeOptions]: options,
  });
  return { status: answer.statusCode, headers: new Headers(answer.headers), body: answer.body };
}

/** The same plugin; its requests are sent as by `webex.request` and fail with the official errors. */
export const throughWebex = <Name extends string, Api>(
  plugin: Plugin<Name, Api>,
  send: SendOfficial,
): Plugin<Name, Api> => ({
  ...plugin,
  setup: (host) =>
    plugin.setup(
      Object.create(host, {
        request: { value: <T>(options: RequestOptions) => request<T>(send, host, options) },
      }) as Host,
    ),
});
