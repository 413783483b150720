import type { Catalog } from '../catalog/catalog.js';
import type { Clock } from '../clock.js';
import type { Credentials } from '../credentials/credentials.js';
import type { HttpResponse, ClientEvents, Interceptor, RequestOptions, ResolvedConfig } from '../host.js';
import type { Logger } from '../log.js';
import { sdkError } from '../errors.js';
import type { Upload } from '../platform.js';
import { checkRequest } from './check-request.js';
import { Call, join, withQuery } from './call.js';
import { httpUrl } from './http-url.js';
import { createInterceptors } from './interceptors.js';
import { createLive } from './live.js';
import { race } from '../../kit/wait.js';
import { createAttempts } from './attempts.js';

export interface PipelineParts {
  readonly fetch: typeof fetch;
  readonly upload: Upload | undefined;
  readonly clock: Clock;
  readonly config: ResolvedConfig;
  readonly log: Logger;
  readonly catalog: () => Catalog;
  readonly credentials: () => Credentials;
  readonly deviceUrl: () => string | undefined;
  /** stands before the counter in every tracking id */
  readonly session: string;
  /** `spark-user-agent` */
  readonly userAgent: string;
  readonly rateLimited: (event: ClientEvents['rateLimited']) => void;
}

export interface Pipeline {
  /** @param outlives `cancel` does not affect it: the caller ends it by its signal */
  request<T = unknown>(options: RequestOptions, outlives?: boolean): Promise<HttpResponse<T>>;
  readonly nextTrackingId: () => string;
  readonly intercept: (interceptor: Interceptor) => () => void;
  /** Aborts what is under way with this reason. */
  cancel(reason: Error): void;
}

/** The way of every request: interceptors around attempts, attempts around fetch. */
export function createPipeline(parts: PipelineParts): Pipeline {
  const { catalog, session, userAgent } = parts;
  const live = createLive();
  const interceptors = createInterceptors();
  const perform = createAttempts(parts, interceptors, live);
  let count = 0;

  const hrefOf = (options: RequestOptions): string | Promise<string> => {
    const { query } = options;
    const [url, service, path = ''] = [options.url, options.service, options.path].map(
      (text) => text ?? undefined,
    );
    const absolute = url === undefined ? undefined : httpUrl(url);
    if (absolute) return withQuery(absolute.href, query);
    if (url !== undefined || service === undefined)
      throw sdkError('ERR_ARGUMENT', 'request: expected `service` and `path`, or an absolute http(s) `url`');
    const base = catalog().base(service);
    return typeof base === 'string'
      ? join(base, path, query)
      : base.then((known) => join(known, path, query));
  };

  const nextTrackingId = (): string => `${session}_${String((count += 1))}`;

  return {
    nextTrackingId,
    intercept: interceptors.add,
    cancel: live.abortAll,
    async request<T>(options: RequestOptions, outlives = false): Promise<HttpResponse<T>> {
      checkRequest(options);
      const { signal } = options;
      signal?.throwIfAborted();
      const controller = new AbortController();
      const abort = (): void => {
        controller.abort(signal?.reason);
      };
      signal?.addEventListener('abort', abort);
      if (!outlives) live.add(controller);
      try {
        const href = hrefOf(options);
        const call = new Call(options, typeof href === 'string' ? href : await race(href, controller.signal));
        if (!call.has('trackingid')) call.set('trackingid', nextTrackingId());
        call.set('spark-user-agent', userAgent);
        // the listener stays on while the caller reads a stream
        return (await perform(call, controller)) as HttpResponse<T>;
      } finally {
        live.remove(controller);
        if (options.as !== 'response') signal?.removeEventListener('abort', abort);
      }
    },
  };
}
