import { isSdkError, VERSION, type Host } from '@trunkline/core';
import { checkArguments, type ParameterRules, requireArgument } from '@trunkline/core/kit';
import { lookAround } from './environment.js';
import type { ClientMetric, Metrics, SupportOptions } from './types.js';

// @source protocol/presence-devices-support.md §0.1, §4
const waitMs = 500;
const maxWaitMs = 1_500;
const maxItems = 50;
const retryMs = 1_000;
const maxRetryMs = 32_000;
const maxWaiting = 1_000;
/** the network's, or the service's own and passing */
const passing = new Set(['ERR_NETWORK', 'ERR_TIMEOUT', 'ERR_UNAVAILABLE', 'ERR_RATE_LIMITED']);

interface Item {
  readonly body: object;
  /** who is not signed in yet; undefined for the others */
  readonly preLoginId: string | undefined;
}

/** What each call takes before `init`. */
const rules: ParameterRules<Metrics> = {
  submit: 'sync name:any metric?:object(tags?:object fields?:object context?:object)',
  submitClientMetrics:
    'sync name:any metric?:object(tags?:object fields?:object context?:object) preLoginId?:text',
  alias: 'preLoginId:text',
};

/** What apps measure, sent together. */
export function createMetrics(host: Host, { appVersion, clientId }: SupportOptions): Metrics {
  const { clock } = host;
  let waiting: Item[] = [];
  let firstMs = 0;
  let retryAtMs = 0;
  let failures = 0;
  let cancelTimer: (() => void) | undefined;
  let sending: Promise<void> | undefined;
  let closing = false;

  const environment = lookAround();
  const shaped = (metricName: string, metric: ClientMetric): object => {
    const { browser, browserVersion, os, osVersion, domain, locale } = environment;
    const { type = ['behavioral', 'operational'], tags, fields, context, eventPayload } = metric;
    return {
      metricName,
      type,
      tags: { ...tags, browser, os, ...(appVersion !== undefined && { appVersion }), domain },
      fields: {
        ...fields,
        browser_version: browserVersion,
        os_version: osVersion,
        sdk_version: VERSION,
        platform: 'Web',
        spark_user_agent: host.config.userAgent === '' ? `trunkline/${VERSION}` : host.config.userAgent,
        ...(clientId !== undefined && { client_id: clientId }),
      },
      context: {
        ...context,
        app: { version: appVersion ?? VERSION },
        locale,
        os: { name: os, version: osVersion },
      },
      ...(eventPayload !== undefined && { eventPayload }),
      timestamp: clock.now(),
    };
  };

  const drop = (count: number, error: unknown): void => {
    host.log.warn({ error, count }, 'metrics were dropped');
  };
  const bound = (): void => {
    const over = waiting.length - maxWaiting;
    if (over <= 0) return;
    waiting = waiting.slice(over);
    drop(over, undefined);
  };

  const send = async (items: readonly Item[]): Promise<void> => {
    const preLoginId = items[0]?.preLoginId;
    try {
      await host.request({
        method: 'POST',
        service: 'metrics',
        path: preLoginId === undefined ? 'clientmetrics' : 'clientmetrics-prelogin',
        body: { metrics: items.map(({ body }) => body) },
        as: 'text',
        ...(preLoginId !== undefined && { auth: false, headers: { 'x-prelogin-userid': preLoginId } }),
      });
      failures = 0;
      retryAtMs = 0;
    } catch (error) {
      const again = !closing && isSdkError(error) && passing.has(error.code);
      if (!again) {
        drop(items.length, error);
        return;
      }
      const delayMs = Math.min(maxRetryMs, retryMs * 2 ** failures);
      failures += 1;
      retryAtMs = clock.now() + Math.max(delayMs, error.retryAfterMs ?? 0);
      waiting = [...items, ...waiting];
      bound();
    }
  };
  /** The next that may leave together. */
  const take = (): readonly Item[] => {
    const [first] = waiting;
    const batch = waiting.filter(({ preLoginId }) => preLoginId === first?.preLoginId).slice(0, maxItems);
    const taken = new Set(batch);
    waiting = waiting.filter((item) => !taken.has(item));
    return batch;
  };
  const sendAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      await send(take());
      if (retryAtMs > clock.now()) break;
    }
  };
  const flush = (): Promise<void> => {
    cancelTimer?.();
    cancelTimer = undefined;
    sending ??= sendAll()
      .catch((error: unknown) => {
        host.report(error, 'sending metrics');
      })
      .finally(() => {
        sending = undefined;
        if (waiting.length > 0 && !closing) schedule();
      });
    return sending;
  };
  const schedule = (): void => {
    const nowMs = clock.now();
    const quietMs = waiting.length >= maxItems ? 0 : Math.min(waitMs, firstMs + maxWaitMs - nowMs);
    const delayMs = Math.max(0, quietMs, retryAtMs - nowMs);
    cancelTimer?.();
    cancelTimer = clock.after(delayMs, () => void flush(), { unref: true });
  };

  host.onClose(async () => {
    closing = true;
    cancelTimer?.();
    // what is under way first, then the rest once; core does not wait for longer than 2 s
    await sending;
    retryAtMs = 0;
    await flush();
    waiting = [];
  });

  const submitClientMetrics: Metrics['submitClientMetrics'] = (name, metric = {}, preLoginId) => {
    if (closing) return;
    if (typeof (name as unknown) !== 'string' || name === '') {
      host.log.warn({}, 'a metric without a name was dropped');
      return;
    }
    if (waiting.length === 0) firstMs = clock.now();
    waiting.push({ body: shaped(name, metric), preLoginId });
    bound();
    if (sending === undefined) schedule();
  };
  return checkArguments('support.metrics', rules, {
    submit: (name, metric) => {
      submitClientMetrics(name, metric);
    },
    submitClientMetrics,
    flush: async () => {
      await sending;
      await flush();
    },
    async alias(preLoginId, init) {
      requireArgument(preLoginId, 'support.metrics.alias', 'the id of who someone was');
      await host.request({
        ...init,
        method: 'POST',
        service: 'metrics',
        path: 'clientmetrics',
        query: { alias: true },
        headers: { 'x-prelogin-userid': preLoginId },
        body: {},
        as: 'text',
      });
    },
  });
}
