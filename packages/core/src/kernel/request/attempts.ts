import { isSdkError, sdkError, type SdkError } from '../errors.js';
import type { HttpResponse, RequestOptions } from '../host.js';
import { silentLogger } from '../log.js';
import { backoffMs, race, sleep } from '../../kit/wait.js';
import { answerError, readRefusal, type Refusal } from './answer-error.js';
import { decodeBody } from './body.js';
import { withQuery, type Call } from './call.js';
import type { Interceptors } from './interceptors.js';
import type { Live } from './live.js';
import type { PipelineParts } from './pipeline.js';
import { httpUrl } from './http-url.js';
import { createRateLimits, retryAfterMs } from './rate-limits.js';
import { mayRepeat } from './repeat.js';

const BACKOFF_BASE_MS = 500;
const BACKOFF_MAX_MS = 10_000;
// @source protocol/identity-and-services.md §5.5
const MAX_REDIRECTS = 10;
const MAX_MOVES = 5;
const foreign = ['trackingid', 'spark-user-agent', 'cisco-no-http-redirect', 'authorization'];

/** What one call has used up. */
interface Budget {
  replayed401: boolean;
  retries: number;
  redirects: number;
  moves: number;
  heldMs: number;
  /** an attempt may have succeeded although its response was lost */
  doubtful: boolean;
}

/** Sends a call, again where that helps and is safe, until an answer stands or an error is certain. */
export function createAttempts(
  parts: PipelineParts,
  interceptors: Interceptors,
  live: Live,
): (call: Call, controller: AbortController) => Promise<HttpResponse> {
  const { fetch, clock, config, log } = parts;
  const { maxRetries, maxRateLimitWaitMs } = config.request;
  const limits = createRateLimits(clock);

  /** Sets what depends on where the call goes; answers the token it carries, if ours. */
  const address = async (call: Call, signal: AbortSignal): Promise<string | undefined> => {
    const { options, explicitAuth } = call;
    const catalog = parts.catalog();
    let service = catalog.serviceOf(call.target);
    // a stored URL may be of a service that is not known yet, and a token must not go anywhere else
    if (service === undefined && options.auth !== false && !explicitAuth && !catalog.loaded) {
      await race(catalog.load(), signal);
      service = catalog.serviceOf(call.target);
    }
    call.service = service;
    if (service === undefined && options.auth !== false) catalog.checkUrl(call.target);
    if (!explicitAuth) call.unset('authorization');
    call.unset('cisco-device-url');
    if (service === undefined) {
      // foreign hosts get nothing of ours: none of their business, and their CORS rules would refuse it
      if (!explicitAuth || call.redirected) for (const name of foreign) call.unset(name);
      return undefined;
    }
    if (service !== 'idbroker' && service !== 'oauth' && service !== 'saml') {
      call.set('cisco-no-http-redirect', 'true');
      const deviceUrl = parts.deviceUrl();
      if (deviceUrl !== undefined) call.set('cisco-device-url', deviceUrl);
    }
    if (options.auth === false || explicitAuth) return undefined;
    const found = parts.credentials().get();
    const token = typeof found === 'string' ? found : await race(found, signal);
    call.set('authorization', `Bearer ${token}`);
    return token;
  };

  /** Ends the call when one attempt, or the token for it, takes too long; answers how to call that off. */
  const startTimer = (call: Call, controller: AbortController): (() => void) | undefined => {
    const timeoutMs = call.options.timeoutMs ?? config.request.timeoutMs;
    if (timeoutMs <= 0 || timeoutMs === Number.POSITIVE_INFINITY) return undefined;
    return clock.after(
      timeoutMs,
      () => {
        controller.abort(
          sdkError('ERR_TIMEOUT', `${call.what} got no answer within ${String(timeoutMs)} ms`, {
            retryable: true,
          }),
        );
      },
      { unref: true },
    );
  };

  /** Waits while the route is limited. */
  const waitForRoute = async (call: Call, budget: Budget, signal: AbortSignal): Promise<void> => {
    for (;;) {
      if (limits.none) return;
      const ms = limits.waitMs(call.target, parts.catalog().baseBelow(call.target));
      if (ms === 0) return;
      if (budget.heldMs + ms > maxRateLimitWaitMs)
        throw sdkError(
          'ERR_RATE_LIMITED',
          `${call.what} is rate limited; try again in ${String(Math.ceil(ms / 1000))} s`,
          { retryable: true, retryAfterMs: ms },
        );
      budget.heldMs += ms;
      // a little later each, so that those who waited do not all come at once
      await sleep(clock, ms + Math.random() * Math.min(1_000, ms / 4), signal);
    }
  };

  /** Sends the call on to another address. A body is sent on only within its origin, or to a service of the catalog. */
  const redirect = async (
    call: Call,
    location: string,
    signal: AbortSignal,
    query?: RequestOptions['query'],
  ): Promise<void> => {
    const url = httpUrl(location, call.target);
    if (url === undefined)
      throw sdkError(
        'ERR_BAD_RESPONSE',
        `${call.what} was redirected to something that is not an http(s) URL. Check how the service is set up.`,
      );
    if (query !== undefined) url.search = '';
    const href = withQuery(url.href, query);
    if (call.body !== null && url.origin !== new URL(call.target).origin) {
      const catalog = parts.catalog();
      if (!catalog.loaded) await race(catalog.load(), signal);
      if (catalog.serviceOf(href) === undefined) throw leaves(call, url.host);
    }
    if (call.once) throw streamGone(call);
    call.target = href;
    call.redirected = true;
  };
  /** Follows an HTTP redirect of a call with a body, as fetch would, except to a host that must not get the body. */
  const followRedirect = async (call: Call, response: Response, signal: AbortSignal): Promise<void> => {
    const { status, type } = response;
    const location = response.headers.get('location');
    response.body?.cancel().catch(() => undefined);
    // browsers do not show where it leads
    if (type === 'opaqueredirect' || location === null) throw leaves(call);
    if (status === 303 || (call.method === 'POST' && status < 303)) call.becomeGet();
    await redirect(call, location, signal);
  };

  /** What to do about a refusal: returns to try again, throws what the caller gets. */
  const handleRefusal = async (
    call: Call,
    budget: Budget,
    response: Response,
    refusal: Refusal,
    token: string | undefined,
    controller: AbortController,
  ): Promise<void> => {
    const { status } = response;
    const { signal } = controller;
    const catalog = parts.catalog();
    const askedMs = retryAfterMs(response.headers, clock.now());
    const error = (ms = askedMs): SdkError =>
      answerError(call.what, status, redacted(refusal, token), {
        trackingId: response.headers.get('trackingid') ?? call.trackingId,
        retryAfterMs: ms,
      });
    if (status === 404 && refusal.errorCode === 2000002 && refusal.location !== undefined) {
      if ((budget.moves += 1) > MAX_MOVES) throw tooManyRedirects(call);
      await redirect(call, refusal.location, signal, call.options.query);
      return;
    }
    if (status === 401 && token !== undefined && !budget.replayed401) {
      budget.replayed401 = true;
      const stopTimer = startTimer(call, controller);
      await race(parts.credentials().rejected(token), signal).finally(stopTimer);
      if (call.once) throw streamGone(call);
      return;
    }
    if (status === 429) {
      // a service that says 0, or nothing, again and again is left alone for longer each time
      const ms = Math.max(askedMs ?? 1_000, 50 * 2 ** Math.min(call.attempt, 10));
      const route = limits.hold(call.target, catalog.baseBelow(call.target), ms);
      parts.rateLimited({ route, retryAfterMs: ms });
      if (call.once || budget.heldMs + ms > maxRateLimitWaitMs) throw error(ms);
      return; // the wait is at the head of the loop, with all others of this route
    }
    if (status >= 500 && status !== 501) catalog.failed(call.target);
    if ((askedMs ?? 0) > maxRateLimitWaitMs || !mayRepeat(call, status, askedMs !== undefined)) throw error();
    if (status !== 423) budget.doubtful = true;
    await again(call, budget, error, signal, askedMs);
  };

  /** Waits before the next attempt, which goes to another host where there is one; throws when there were enough. */
  const again = async (
    call: Call,
    budget: Budget,
    error: () => SdkError,
    signal: AbortSignal,
    atLeastMs = 0,
  ): Promise<void> => {
    if (budget.retries >= (call.options.maxRetries ?? maxRetries)) throw error();
    const ms = backoffMs(budget.retries++, BACKOFF_BASE_MS, BACKOFF_MAX_MS);
    await sleep(clock, Math.max(atLeastMs, ms), signal);
    call.target = parts.catalog().reroute(call.target);
  };

  const perform = async (
    call: Call,
    controller: AbortController,
  ): Promise<{ response: Response; body: unknown }> => {
    const { signal } = controller;
    const { as = 'json' } = call.options;
    const budget: Budget = {
      replayed401: false,
      retries: 0,
      redirects: 0,
      moves: 0,
      heldMs: 0,
      doubtful: false,
    };
    const send = interceptors.aroundAttempt(() => {
      const init: RequestInit & { duplex?: 'half' } = {
        method: call.method,
        headers: call.headerInit,
        body: call.body,
        signal,
      };
      // fetch would send the body to wherever a 307 leads
      if (call.body !== null) init.redirect = 'manual';
      if (call.once) init.duplex = 'half';
      const { onProgress } = call.options;
      if (onProgress === undefined || parts.upload === undefined || call.body === null)
        return fetch(call.target, init);
      return parts.upload(fetch, call.target, init, (sentBytes, totalBytes) => {
        // a body that is given up may still be read for a while
        if (signal.aborted) return;
        try {
          onProgress({ sentBytes, ...(totalBytes !== undefined && { totalBytes }) });
        } catch (error) {
          log.error({ error }, 'onProgress threw');
        }
      });
    });
    for (; ; call.attempt += 1) {
      await waitForRoute(call, budget, signal);
      const startedMs = clock.now();
      const stopTimer = startTimer(call, controller);
      let response: Response | undefined;
      let token: string | undefined;
      let refusal: Refusal;
      try {
        token = await address(call, signal);
        response = await send(call);
        if (log !== silentLogger) {
          const { attempt, service } = call;
          log.debug({ status: response.status, ms: clock.now() - startedMs, attempt, service }, call.what);
        }
        if (call.body !== null && isRedirect(response)) {
          if ((budget.redirects += 1) > MAX_REDIRECTS) throw tooManyRedirects(call);
          await followRedirect(call, response, signal);
          continue;
        }
        if (response.status < 400) {
          const elsewhere = response.headers.get('cisco-location');
          if (elsewhere === null) {
            const body = await decodeBody(response, as, call.what);
            if (as === 'response' && response.body !== null) live.handOver(controller, response.body);
            return { response, body };
          }
          response.body?.cancel().catch(() => undefined);
          if ((budget.redirects += 1) > MAX_REDIRECTS) throw tooManyRedirects(call);
          await redirect(call, elsewhere, signal);
          continue;
        }
        refusal = await readRefusal(response);
        signal.throwIfAborted();
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if (isSdkError(error)) throw error;
        budget.doubtful = true;
        parts.catalog().failed(call.target);
        const unheard = (): SdkError =>
          sdkError(
            'ERR_NETWORK',
            `${call.what}: no response. Check that the service is running at this address, and the scheme (${call.target.split(':', 1)[0] ?? ''}:)`,
            { cause: error, retryable: true },
          );
        if (!mayRepeat(call, 'network')) throw unheard();
        stopTimer?.();
        await again(call, budget, unheard, signal);
        continue;
      } finally {
        stopTimer?.();
      }
      // what we asked for is so, by an attempt whose answer was lost
      if (response.status === 404 && call.method === 'DELETE' && budget.doubtful)
        return { response: new Response(null, { status: 204, headers: response.headers }), body: undefined };
      await handleRefusal(call, budget, response, refusal, token, controller);
    }
  };

  return async (call, controller) => {
    let found: { response: Response; body: unknown } | undefined;
    const response = await interceptors.aroundCall(
      async () => (found = await perform(call, controller)).response,
    )(call);
    const { status, headers } = response;
    if (response === found?.response) return { status, headers, body: found.body };
    // an interceptor answered by itself
    if (status >= 400)
      throw answerError(call.what, status, await readRefusal(response), { trackingId: call.trackingId });
    return { status, headers, body: await decodeBody(response, call.options.as ?? 'json', call.what) };
  };
}

const tooManyRedirects = (call: Call): SdkError =>
  sdkError('ERR_TOO_MANY_REDIRECTS', `${call.what} was sent on too often; see how the service is set up`);
const isRedirect = ({ status, type }: Response): boolean =>
  type === 'opaqueredirect' || (status > 300 && status < 309 && [301, 302, 303, 307, 308].includes(status));
const leaves = (call: Call, host = 'another address'): SdkError =>
  sdkError(
    'ERR_BAD_RESPONSE',
    `${call.what} was redirected to ${host}, outside the service catalog. Its content is not sent there. Call the final URL, or check how the service is set up.`,
  );
const streamGone = (call: Call): SdkError =>
  sdkError('ERR_NETWORK', `${call.what} has to be sent again; give its stream again`, { retryable: true });
/** A service that echoes the token must not bring it into an error message. */
const redacted = (refusal: Refusal, token: string | undefined): Refusal => {
  if (token === undefined) return refusal;
  const { body, text, ...rest } = refusal;
  const echoes = body !== undefined && JSON.stringify(body).includes(token);
  return {
    ...rest,
    ...(text !== undefined && { text: text.split(token).join('[token]') }),
    ...(body !== undefined && !echoes && { body }),
  };
};
