import { VERSION } from '@trunkline/core';
import type { ClientMetric, Metrics as Engine } from '@trunkline/support';
import { official } from './http-error.js';
import { refuses } from './not-supported.js';
import { WebexPlugin, type PluginDefinition } from './plugin.js';

/** `webex.internal.metrics`. What cannot be sent is dropped: metrics never fail the app. @source protocol/presence-devices-support.md §4 */
export class Metrics extends WebexPlugin {
  static override readonly definition: PluginDefinition = { namespace: 'Metrics' };

  /** One value under a key, at once. */
  async submit(key: string, value: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const now = Date.now();
    const appType = 'document' in globalThis ? 'browser' : 'nodejs';
    const metric = { key, ...value, appType, env: null, time: now, version: VERSION, postTime: now };
    await this.webex
      .request({ method: 'POST', service: 'metrics', resource: 'metrics', body: { metrics: [metric] } })
      .catch((error: unknown) => {
        this.logger.warn(`metrics: '${key}' could not be sent`, error);
      });
  }
  /** Leaves with others. @param preLoginId of someone who has not signed in yet */
  submitClientMetrics(name: string, metric: ClientMetric = {}, preLoginId?: string): Promise<void> {
    this.engine.submitClientMetrics(name, metric, preLoginId);
    return Promise.resolve();
  }
  /** Sends what waits. Not in the official API. */
  flush(): Promise<void> {
    return this.engine.flush();
  }
  /** Links the signed-in user to `preLoginId`, the id used before the sign-in. */
  aliasUser(preLoginId: string): Promise<void> {
    return official(this.engine.alias(preLoginId));
  }
  readonly getClientMetricsPayload = refuses(
    'metrics.getClientMetricsPayload()',
    'use submitClientMetrics()',
  );
  private get engine(): Engine {
    return this.webex.linkage.get().client.support.metrics;
  }
}
