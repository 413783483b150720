import { expectObject, expectText, isRecord, unexpected } from '@trunkline/core/kit';
import { WebexPlugin, type PluginDefinition } from './plugin.js';

type Payload = Readonly<Record<string, unknown>>;

/**
 * `webex.internal.newMetrics`: events of apps. They are sent like `metrics.submitClientMetrics`: together with others, and
 * what cannot be sent is dropped.
 *
 * @source protocol/presence-devices-support.md §4
 */
export class NewMetrics extends WebexPlugin {
  static override readonly definition: PluginDefinition = { namespace: 'Metrics' };

  /** What a person did. The event is called `product.agent.target.verb`. */
  async submitBehavioralEvent(event: {
    readonly product: string;
    readonly agent: string;
    readonly target: string;
    readonly verb: string;
    readonly payload?: Payload;
  }): Promise<void> {
    expectObject(event, 'newMetrics.submitBehavioralEvent');
    const { product, agent, target, verb, payload } = event;
    for (const [name, value] of Object.entries({ product, agent, target, verb }))
      expectText(value, `newMetrics.submitBehavioralEvent: ${name}`);
    await this.send([product, agent, target, verb].join('.'), 'behavioral', payload);
  }
  /** What the program did. */
  async submitOperationalEvent(event: { readonly name: string; readonly payload?: Payload }): Promise<void> {
    expectObject(event, 'newMetrics.submitOperationalEvent');
    expectText(event.name, 'newMetrics.submitOperationalEvent: name');
    await this.send(event.name, 'operational', event.payload);
  }
  /** The business outcome. `metadata` is sent beside the payload. */
  async submitBusinessEvent(event: {
    readonly name: string;
    readonly payload?: Payload;
    readonly metadata?: Payload;
  }): Promise<void> {
    expectObject(event, 'newMetrics.submitBusinessEvent');
    expectText(event.name, 'newMetrics.submitBusinessEvent: name');
    const { name, payload = {}, metadata = {} } = event;
    const eventPayload = {
      key: name,
      client_timestamp: new Date().toISOString(),
      appType: 'Web Client',
      ...metadata,
      value: payload,
    };
    await this.webex.internal.metrics.submitClientMetrics(name, { type: ['business'], eventPayload });
  }

  private async send(name: string, type: string, payload: Payload = {}): Promise<void> {
    if (!isRecord(payload)) throw unexpected(`newMetrics: payload of ${name}`, 'an object', payload);
    await this.webex.internal.metrics.submitClientMetrics(name, {
      type: [type],
      tags: { ...payload } as never,
    });
  }
}
